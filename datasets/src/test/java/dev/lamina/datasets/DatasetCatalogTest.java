package dev.lamina.datasets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class DatasetCatalogTest {

  @Test
  void suggestsTheNearestName() {
    assertEquals(
        "unknown data set \"MNSIT\"; did you mean mnist?; there are digits, mnist, fashion-mnist,"
            + " cifar-10",
        assertThrows(UnknownDatasetException.class, () -> DatasetCatalog.describe("MNSIT"))
            .getMessage());
    assertEquals(
        "unknown data set \"imagenet\"; there are digits, mnist, fashion-mnist, cifar-10",
        assertThrows(
                UnknownDatasetException.class,
                () -> DatasetCatalog.open("imagenet", DatasetOptions.defaults()))
            .getMessage());
  }

  @Test
  void describesEachDataSetUnderItsName() {
    for (DatasetDescription description : DatasetCatalog.list()) {
      assertEquals(description, DatasetCatalog.describe(description.name()));
      assertEquals(description.spec().channels(), description.normalization().mean().size());
    }
  }
}
