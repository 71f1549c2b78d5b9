#!/usr/bin/env bash
# Packs what a GPU machine without Java and without network needs into one folder: a trimmed Java
# runtime and the jars of bench/gpu, some 50 MB. Then, there: bench/gpu/run.sh FOLDER
#   bench/gpu/pack.sh [FOLDER]     default: bench/gpu/target/pack
# Needs a JDK (JAVA_HOME, else the PATH) and Maven, on Linux on x86-64. RUNTIME_JDK names the JDK whose
# runtime is packed, if not that one. LAMINA_TEST_DATA names a folder with data sets; MNIST is packed
# from there.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
pack=${1:-$here/target/pack}
java_bin=${JAVA_HOME:+$JAVA_HOME/bin/}
[ -z "${RUNTIME_JDK:-}" ] || java_bin=$RUNTIME_JDK/bin/

mvn -q -B -f "$root/pom.xml" -pl bench/gpu -am -Ppack -DskipTests package >&2
rm -rf "$pack"
mkdir -p "$pack/lib"
cp "$here"/target/lamina-bench-gpu-*.jar "$pack/lib"
# The CPU device's native libraries stay here, and so does what belongs to other systems.
tr ':' '\n' <"$here/target/class-path" | grep '\.jar$' |
  grep -v -e '-windows-' -e '-macosx-' -e 'dnnl-.*-linux' -e 'opencl-.*-linux' -e 'javacpp-.*-linux' |
  while read -r jar; do cp "$jar" "$pack/lib"; done
# Libraries of JCuda's that nothing here loads make up most of its natives.
for jar in "$pack"/lib/*-natives-*.jar; do
  python3 - "$jar" <<'PY'
import os, sys, zipfile
jar = sys.argv[1]
with zipfile.ZipFile(jar) as old, zipfile.ZipFile(jar + ".new", "w", zipfile.ZIP_DEFLATED) as new:
    for entry in old.infolist():
        if "JNvPTXCompiler" not in entry.filename and "libJCublas-" not in entry.filename:
            new.writestr(entry, old.read(entry))
os.replace(jar + ".new", jar)
PY
done
# What jdeps names for our jars.
modules=java.base,java.logging,java.management,java.desktop,jdk.management,jdk.unsupported
# Not compressed twice: xz does better on the whole.
"${java_bin}jlink" --add-modules "$modules" --strip-debug --no-header-files --no-man-pages \
  --output "$pack/java"
XZ_OPT=-T0 tar -C "$pack" -cJf "$pack/java.tar.xz" java
rm -rf "$pack/java"
if [ -n "${LAMINA_TEST_DATA:-}" ] && [ -d "$LAMINA_TEST_DATA/mnist" ]; then
  mkdir -p "$pack/data"
  cp -rL "$LAMINA_TEST_DATA/mnist" "$pack/data"
  chmod -R u+w "$pack/data"
fi
du -sm "$pack" | cut -f1 | sed "s|\$| MiB in $pack|"
