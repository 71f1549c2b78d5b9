#!/usr/bin/env bash
# Asks a machine with an NVIDIA GPU everything, in one call: bench/README.md.
#   bench/gpu/run.sh [PACK] [PART...]
# PACK is the folder that bench/gpu/pack.sh made (default: bench/gpu/target/pack). Parts, in this order:
#   probe        libraries, one kernel, a product, three convolutions, a graph, each by itself
#   conformance  the suite on cuda:0, in f32, tf32 and bf16
#   train        our training benchmarks in each precision, with a profile of the step
#   torch        the same networks in PyTorch, in the same precisions, eager and as CUDA graphs
#   repeat       twenty runs that must give the same bits
#   digits       training on generated digits, and on MNIST where it is packed, by the command line
#   opencl       suite and LeNet-5 on NVIDIA's OpenCL driver, where there is one
#   sanitizer    compute-sanitizer over the suite's kernels, where it is installed
# OUT names the folder for results (default: bench/gpu/target/results): results.md, results.json, and
# results.tar.gz with what each part printed, written anew after each part. A part that fails does not keep
# the next from running. LIMIT bounds each command in seconds (default 200).
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
pack=$here/target/pack
[ -d "${1:-}" ] && pack=$1 && shift
parts=${*:-probe conformance train torch repeat digits opencl sanitizer}
target=${OUT:-$here/target/results}
limit=${LIMIT:-200}
work=$(mktemp -d)
out=$work/results
mkdir -p "$target" "$out"
trap 'rm -rf "$work"' EXIT
export LAMINA_HOME=${LAMINA_HOME:-$work/home}

tar -C "$work" -xJf "$pack/java.tar.xz" || python3 -m tarfile -e "$pack/java.tar.xz" "$work" || exit 3
command=("$work/java/bin/java" -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED
  -Djava.awt.headless=true -cp "$pack/lib/*")

java() {
  timeout -k 10 "$limit" "${command[@]}" "$@"
}

facts() {
  date -u
  nvidia-smi --query-gpu=name,driver_version,memory.total,clocks.max.sm --format=csv,noheader
  nvidia-smi | sed -n 's/.*\(CUDA Version: [0-9.]*\).*/\1/p'
  python3 -c 'import torch; print("PyTorch", torch.__version__, "cuDNN", torch.backends.cudnn.version())'
  java -version 2>&1 | head -1
  nproc
} 2>&1

# Runs a part, shows and keeps what it prints, keeps its exit status.
part() {
  local name=$1 start=$SECONDS
  echo "== $name"
  "$name" 2>&1 | tee "$out/$name.txt"
  echo "${PIPESTATUS[0]}" >"$out/$name.status"
  echo "== $name: exit $(cat "$out/$name.status"), $((SECONDS - start)) s"
  save >/dev/null
}

# Leaves few files, and all of them whenever this script is stopped.
save() {
  python3 "$here/report.py" "$out"
  cp "$out/results.json" "$out/results.md" "$target"
  tar -C "$work" -czf "$target/results.tar.gz" results
}

doctor() {
  java dev.lamina.cli.Main doctor 2>&1
}

# Where the libraries are only in Python's packages that no search finds, Python says where.
find_libraries() {
  doctor >"$out/doctor-before.txt"
  if grep -qE 'libcudnn.so.9 was not found|not found: libcublas' "$out/doctor-before.txt"; then
    local packages
    packages=$(python3 -c 'import nvidia, glob, os
print(":".join(sorted(glob.glob(os.path.join(list(nvidia.__path__)[0], "*", "lib")))))')
    echo "doctor found no libraries by itself; LAMINA_CUDA_PATH=$packages"
    export LAMINA_CUDA_PATH=$packages
    doctor >"$out/doctor-before.txt"
  fi
  local bridge
  bridge=$(sed -n 's/.*build it once, with a C compiler: \(sh .*\)/\1/p' "$out/doctor-before.txt")
  [ -z "$bridge" ] || $bridge
  doctor | tee "$out/doctor.txt"
}

probe() {
  java dev.lamina.bench.gpu.Probe
}

conformance() {
  local limit=$((2 * limit)) failed=0 precision
  for precision in f32 tf32 bf16; do
    java dev.lamina.bench.gpu.Conformance cuda:0 "$precision" || failed=1
  done
  return $failed
}

measure() {
  java dev.lamina.bench.gpu.TrainBench "$@" "$out" | tee -a "$out/lamina.jsonl"
}

train() {
  local failed=0
  rm -f "$out/lamina.jsonl"
  local precision
  for precision in f32 tf32 bf16; do
    measure cuda:0 lenet5 64 400 "$precision" || failed=1
    measure cuda:0 cifar-alexnet 512 20 "$precision" || failed=1
    measure cuda:0 cifar-resnet18 512 10 "$precision" || failed=1
  done
  measure cuda:0 lenet5 512 100 f32 || failed=1
  return $failed
}

torch() {
  local failed=0 model batch form precision
  rm -f "$out/torch.jsonl"
  while read -r model batch form precision; do
    timeout -k 10 90 python3 "$here/torch_bench.py" "$model" "$batch" "$form" "$precision" |
      tee -a "$out/torch.jsonl" || failed=1
  done <<'RUNS'
lenet5 64 graph f32
cifar-resnet18 512 graph f32
cifar-alexnet 512 graph f32
cifar-resnet18 512 graph tf32
cifar-alexnet 512 graph tf32
cifar-resnet18 512 graph bf16
cifar-alexnet 512 graph bf16
lenet5 64 eager f32
cifar-resnet18 512 eager f32
cifar-alexnet 512 eager f32
cifar-resnet18 512 eager tf32
cifar-alexnet 512 eager tf32
cifar-resnet18 512 eager bf16
cifar-alexnet 512 eager bf16
lenet5 64 graph tf32
lenet5 64 graph bf16
lenet5 64 eager tf32
lenet5 64 eager bf16
lenet5 512 graph f32
cifar-resnet18 512 compile bf16
RUNS
  return $failed
}

repeat() {
  java dev.lamina.bench.gpu.Repeat cuda:0 lenet5 20 f32 &&
    java dev.lamina.bench.gpu.Repeat cuda:0 cifar-resnet18 3 f32 &&
    java dev.lamina.bench.gpu.Repeat cuda:0 cifar-resnet18 3 tf32 &&
    java dev.lamina.bench.gpu.Repeat cuda:0 cifar-resnet18 3 bf16
}

digits() {
  java dev.lamina.cli.Main train lenet5 --dataset digits --device cuda:0 --epochs 3 --out "$work/digits" || return
  java dev.lamina.cli.Main train lenet5 --dataset digits --device cuda:0 --precision bf16 --epochs 3 \
    --out "$work/digits-bf16" || return
  [ -d "$pack/data/mnist" ] || return 0
  java dev.lamina.cli.Main train lenet5 --dataset mnist --data-dir "$pack/data/mnist" \
    --device cuda:0 --epochs 5 --out "$work/mnist"
}

opencl() {
  java dev.lamina.cli.Main devices
  java dev.lamina.bench.gpu.Conformance opencl:0
  measure opencl:0 lenet5 64 400 f32
}

sanitizer() {
  command -v compute-sanitizer >/dev/null || { echo 'compute-sanitizer is not installed'; return 0; }
  local tool precision
  for tool in memcheck racecheck; do
    for precision in f32 bf16; do
      timeout -k 10 "$limit" compute-sanitizer --tool "$tool" --error-exitcode 9 --target-processes all \
        "${command[@]}" -Dlamina.cuda.sync=each dev.lamina.bench.gpu.Repeat cuda:0 lenet5 1 "$precision" 2>&1 | tail -40
    done
  done
}

facts | tee "$out/facts.txt"
find_libraries
for name in $parts; do
  case $name in
    probe | conformance | train | torch | repeat | digits | opencl | sanitizer) part "$name" ;;
    *) echo "run.sh: no part $name" >&2 && exit 2 ;;
  esac
done
save
