package dev.lamina.kernels;

import dev.lamina.kernels.KernelSignature.Parameter;
import dev.lamina.kernels.KernelSignature.Space;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The kernels that a source declares, in OpenCL C, in CUDA C or in the words of both. */
public final class DeclaredKernels {
  private static final Pattern COMMENT = Pattern.compile("//[^\n]*|/\\*.*?\\*/", Pattern.DOTALL);
  private static final Pattern START =
      Pattern.compile("\\b(?:KERNEL|__kernel|kernel|__global__)\\b");
  private static final Pattern WORD = Pattern.compile("\\w+");
  private static final Pattern LAST_WORD = Pattern.compile("(\\w+)\\s*$");
  private static final Set<String> GLOBAL_WORDS =
      Set.of("GLOBAL", "__global", "global", "__constant", "constant");
  private static final Set<String> LOCAL_WORDS = Set.of("SHARED_ARGUMENT", "__local", "local");
  private static final Set<String> QUALIFIERS =
      Set.of("const", "volatile", "restrict", "RESTRICT", "__restrict__", "__restrict");

  /** Types of several words, and the preludes' own, in OpenCL C's words. */
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("unsigned char", "uchar"),
          Map.entry("signed char", "char"),
          Map.entry("unsigned short", "ushort"),
          Map.entry("unsigned", "uint"),
          Map.entry("unsigned int", "uint"),
          Map.entry("signed int", "int"),
          Map.entry("unsigned long", "ulong"),
          Map.entry("unsigned long long", "ulong"),
          Map.entry("long long", "long"),
          Map.entry("u8", "uchar"),
          Map.entry("u32", "uint"));

  private final Map<String, KernelSignature> kernels = new LinkedHashMap<>();

  private DeclaredKernels() {}

  /** Reads the declarations of a source. */
  public static DeclaredKernels of(String text) {
    DeclaredKernels declared = new DeclaredKernels();
    String code = COMMENT.matcher(text).replaceAll(" ");
    Matcher start = START.matcher(code);
    while (start.find()) {
      declared.read(code, start.end());
    }
    return declared;
  }

  /** Returns the names of the kernels, in order. */
  public List<String> names() {
    return List.copyOf(kernels.keySet());
  }

  /** Returns what a kernel takes; empty if the source declares none of that name. */
  public Optional<KernelSignature> signature(String kernel) {
    return Optional.ofNullable(kernels.get(kernel));
  }

  /**
   * Returns a type of several words, or of a prelude's, as OpenCL C calls it; qualifiers, which
   * some drivers tell of and others not, are left out.
   */
  public static String type(String words) {
    List<String> type = words(words);
    type.removeIf(DeclaredKernels::isQualifier);
    String joined = String.join(" ", type);
    return TYPES.getOrDefault(joined, joined);
  }

  private static boolean isQualifier(String word) {
    return GLOBAL_WORDS.contains(word) || QUALIFIERS.contains(word);
  }

  private static List<String> words(String text) {
    return WORD.matcher(text).results().map(MatchResult::group).collect(Collectors.toList());
  }

  /**
   * Reads one declaration. Attributes have parentheses as well, so the parameters are in those that
   * the body or a semicolon follows.
   */
  private void read(String code, int from) {
    int open = code.indexOf('(', from);
    while (open >= 0) {
      int close = closing(code, open);
      if (close < 0) {
        return;
      }
      String after = code.substring(close + 1).stripLeading();
      if (after.startsWith("{") || after.startsWith(";")) {
        Matcher name = LAST_WORD.matcher(code.substring(from, open));
        if (name.find()) {
          kernels.put(name.group(1), signature(code, open, close));
        }
        return;
      }
      open = code.indexOf('(', close);
    }
  }

  private static KernelSignature signature(String code, int open, int close) {
    List<Parameter> parameters = new ArrayList<>();
    for (String parameter : code.substring(open + 1, close).split(",")) {
      if (!parameter.isBlank() && !parameter.strip().equals("void")) {
        parameters.add(parameter(parameter));
      }
    }
    return new KernelSignature(parameters);
  }

  private static int closing(String code, int open) {
    int depth = 0;
    for (int i = open; i < code.length(); i++) {
      if (code.charAt(i) == '(') {
        depth++;
      } else if (code.charAt(i) == ')' && --depth == 0) {
        return i;
      }
    }
    return -1;
  }

  private static Parameter parameter(String text) {
    List<String> words = words(text);
    boolean local = words.removeIf(LOCAL_WORDS::contains);
    words.removeIf(DeclaredKernels::isQualifier);
    String name = words.isEmpty() ? "" : words.remove(words.size() - 1);
    String type = type(String.join(" ", words));
    if (local) {
      return new Parameter(name, Space.LOCAL, type);
    }
    return new Parameter(name, text.contains("*") ? Space.BUFFER : Space.VALUE, type);
  }
}
