package dev.lamina.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.lamina.data.DataException;
import dev.lamina.data.DataSplits;
import dev.lamina.data.Dataset;
import dev.lamina.data.InMemoryDataset;
import dev.lamina.data.Normalization;
import dev.lamina.data.SampleSpec;
import dev.lamina.datasets.PictureExport.Limits;
import dev.lamina.tensor.DataType;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  @TempDir Path folder;
  private final List<String> notices = new ArrayList<>();
  private Path photos;

  @BeforeEach
  void name() {
    photos = folder.resolve("photos");
  }

  private DatasetOptions options(ImageOptions images) {
    return DatasetOptions.defaults()
        .withCacheDir(folder.resolve("cache"))
        .withImages(images)
        .withListener(
            new DownloadListener() {
              @Override
              public void progress(String file, long bytes, long totalBytes) {}

              @Override
              public void notice(String message) {
                notices.add(message);
              }
            });
  }

  private DataSplits open(ImageOptions images) {
    return DatasetCatalog.open(photos.toString(), options(images));
  }

  private static void picture(Path file, int width, int height, int rgb) throws IOException {
    Files.createDirectories(file.getParent());
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, rgb);
      }
    }
    ImageIO.write(image, "png", file.toFile());
  }

  private static byte[] sample(Dataset dataset, int index) {
    ByteBuffer bytes = ByteBuffer.allocate(dataset.spec().bytes());
    dataset.read(index, bytes);
    return bytes.array();
  }

  @Test
  void makesASplitOfEachClass() throws IOException {
    for (int i = 0; i < 10; i++) {
      picture(photos.resolve("cat/" + i + ".png"), 8 + i, 6, 0xFF0000);
      picture(photos.resolve("dog/" + i + ".PNG"), 6, 8, 0x00FF00);
    }
    Files.writeString(photos.resolve("cat/notes.txt"), "no picture");
    Files.writeString(photos.resolve("cat/.hidden.png"), "no picture");
    ImageOptions images = new ImageOptions(4, 2, false, 0.2);
    DataSplits data = open(images);
    assertEquals("photos", data.train().name());
    assertEquals(new SampleSpec(DataType.U8, 3, 4, 2, List.of("cat", "dog")), data.train().spec());
    assertEquals(16, data.train().size());
    assertEquals(4, data.test().size());
    for (Dataset half : List.of(data.train(), data.test())) {
      for (int i = 0; i < half.size(); i++) {
        byte[] sample = sample(half, i);
        int brightest = half.label(i);
        for (int c = 0; c < 3; c++) {
          assertEquals(c == brightest ? (byte) 255 : 0, sample[c * 8]);
        }
      }
    }
    assertEquals(List.of(0.5f, 0.5f, 0f), data.train().normalization().mean());
    assertEquals(List.of(photos + ": 1 files are no pictures by their name and left out"), notices);
    DatasetDescription known = DatasetCatalog.describe(photos.toString(), options(images));
    assertEquals(16, known.trainSize());
    assertEquals(4, known.testSize());
    assertEquals(data.train().spec(), known.spec());
  }

  @Test
  void takesTestPicturesThatThereAreAndSaysThatClassesAreUneven() throws IOException {
    for (int i = 0; i < 4; i++) {
      picture(photos.resolve("train/a/" + i + ".png"), 3, 3, 0x101010 * i);
    }
    picture(photos.resolve("train/b/0.png"), 3, 3, 0xFFFFFF);
    picture(photos.resolve("val/b/0.png"), 3, 3, 0x808080);
    DataSplits data = open(new ImageOptions(3, 3, true, 0.5));
    assertEquals(5, data.train().size());
    assertEquals(1, data.test().size());
    assertEquals(1, data.test().label(0));
    assertEquals((byte) 0x80, sample(data.test(), 0)[8]);
    assertEquals(List.of("photos: classes are of uneven size: a 4, b 1"), notices);
  }

  @Test
  void firstSamplesHoldTheClassesInTheirProportion() throws IOException {
    for (int i = 0; i < 6; i++) {
      picture(photos.resolve("train/a/" + i + ".png"), 1, 1, 0x101010 * i);
    }
    for (int i = 0; i < 3; i++) {
      picture(photos.resolve("train/b/" + i + ".png"), 1, 1, 0xFFFFFF - i);
    }
    picture(photos.resolve("test/a/0.png"), 1, 1, 0);
    Dataset train = open(new ImageOptions(1, 1, true, 0.5)).train();
    List<Integer> labels = new ArrayList<>();
    List<Integer> ofA = new ArrayList<>();
    for (int i = 0; i < train.size(); i++) {
      labels.add(train.label(i));
      if (train.label(i) == 0) {
        ofA.add((int) sample(train, i)[0]);
      }
    }
    assertEquals(List.of(0, 1, 0, 0, 1, 0, 0, 1, 0), labels);
    assertEquals(List.of(0, 0x10, 0x20, 0x30, 0x40, 0x50), ofA);
  }

  @Test
  void decodesOnceAndAgainWhatChanged() throws IOException {
    picture(photos.resolve("a/0.png"), 3, 3, 0);
    picture(photos.resolve("a/1.png"), 3, 3, 0);
    picture(photos.resolve("b/0.png"), 3, 3, 0xFFFFFF);
    picture(photos.resolve("b/1.png"), 3, 3, 0xFFFFFF);
    ImageOptions images = new ImageOptions(3, 3, true, 0.5);
    open(images);
    Path cache = folder.resolve("cache/datasets/pictures");
    List<Path> kept;
    try (var files = Files.list(cache)) {
      kept = files.filter(file -> file.toString().endsWith(".pixels")).toList();
    }
    assertEquals(1, kept.size());
    byte[] other = Files.readAllBytes(kept.get(0));
    other[0] = 77;
    Files.write(kept.get(0), other);
    DataSplits again = open(images);
    boolean seen = false;
    for (Dataset half : List.of(again.train(), again.test())) {
      for (int i = 0; i < half.size(); i++) {
        seen |= sample(half, i)[0] == 77;
      }
    }
    assertTrue(seen, "the second time is from the cache");
    picture(photos.resolve("a/0.png"), 30, 30, 0x404040);
    DataSplits changed = open(images);
    for (Dataset half : List.of(changed.train(), changed.test())) {
      for (int i = 0; i < half.size(); i++) {
        assertTrue(sample(half, i)[0] != 77);
      }
    }
  }

  @Test
  void saysWhatIsWrong() throws IOException {
    ImageOptions images = ImageOptions.defaults();
    assertTrue(message(images).contains("photos does not exist"), message(images));
    Files.createDirectories(photos.resolve("only"));
    assertTrue(message(images).contains("at least two classes, but has [only]"), message(images));
    Files.createDirectories(photos.resolve("other"));
    assertTrue(message(images).contains("no pictures: no file ends in"), message(images));
    Files.writeString(photos.resolve("only/broken.png"), "no picture");
    assertTrue(message(images).contains("broken.png is no picture"), message(images));
    UnknownDatasetException unknown =
        assertThrows(UnknownDatasetException.class, () -> DatasetCatalog.describe("src"));
    assertTrue(unknown.getMessage().endsWith("pictures write ./src"), unknown.getMessage());
  }

  private String message(ImageOptions images) {
    return assertThrows(DataException.class, () -> open(images)).getMessage();
  }

  @Test
  void whatIsExportedIsReadBack() {
    SampleSpec spec = new SampleSpec(DataType.U8, 3, 2, 3, List.of("cat", "dog/wolf", "ship"));
    byte[] pixels = new byte[6 * spec.bytes()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 7);
    }
    Normalization normalization = Normalization.pixels(List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
    int[] labels = {0, 1, 2, 2, 1, 0};
    Dataset dataset = InMemoryDataset.ofPixels("set", spec, normalization, pixels, labels);
    DataSplits data = new DataSplits(dataset, dataset, Map.of());
    PictureExport all = new PictureExport(List.of(), Optional.empty(), most(100), most(1));
    assertEquals(6 + 3, all.write(data, photos));
    DataSplits read = open(new ImageOptions(2, 3, false, 0.5));
    assertEquals(List.of("cat", "dog-wolf", "ship"), read.train().spec().classNames());
    int[] order = {0, 1, 2, 5, 4, 3};
    for (int i = 0; i < 6; i++) {
      assertArrayEquals(sample(dataset, order[i]), sample(read.train(), i));
      assertEquals(labels[order[i]], read.train().label(i));
    }
    assertThrows(DataException.class, () -> all.write(data, photos));
    Path two = folder.resolve("two");
    PictureExport rest = new PictureExport(List.of("ship"), Optional.of("other"), most(3), most(9));
    assertEquals(2 + 3 + 2 + 4, rest.write(data, two));
    Limits uneven = new Limits(9, Map.of("ship", 1, "other", 2));
    PictureExport few = new PictureExport(List.of("ship"), Optional.of("other"), uneven, most(9));
    assertEquals(1 + 2 + 2 + 4, few.write(data, folder.resolve("few")));
    PictureExport none = new PictureExport(List.of("bird"), Optional.empty(), most(3), most(9));
    Path third = folder.resolve("third");
    assertThrows(DataException.class, () -> none.write(data, third));
    Limits misspelt = new Limits(9, Map.of("shop", 1));
    PictureExport wrong = new PictureExport(List.of(), Optional.empty(), Limits.NONE, misspelt);
    DataException refused = assertThrows(DataException.class, () -> wrong.write(data, third));
    assertEquals(
        "a limit is given for class shop, but written are cat, dog/wolf, ship",
        refused.getMessage());
  }

  private static Limits most(int pictures) {
    return new Limits(pictures, Map.of());
  }
}
