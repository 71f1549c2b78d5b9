#!/usr/bin/env python3
"""Gathers a run of run.sh into results.json and results.md: report.py FOLDER."""
import json
import pathlib
import statistics
import sys


def lines(path):
    for line in path.read_text().splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def main():
    folder = pathlib.Path(sys.argv[1])
    runs = [run for path in sorted(folder.glob("*.jsonl")) for run in lines(path)]
    parts = []
    for path in sorted(folder.glob("*.status")):
        parts.append({"part": path.stem, "exit": int(path.read_text())})
    facts = (folder / "facts.txt").read_text() if (folder / "facts.txt").exists() else ""
    (folder / "results.json").write_text(
        json.dumps({"facts": facts.splitlines(), "parts": parts, "runs": runs}, indent=1) + "\n")
    text = ["# GPU run", "", "```", facts.strip(), "```", "", "| part | exit |", "|---|---|"]
    text += [f"| {part['part']} | {part['exit']} |" for part in parts]
    text += ["", "Images per second, median of the windows; higher is better.", ""]
    text += ["| model | batch | engine | form | precision | step | epoch |", "|---|---|---|---|---|---|---|"]
    for run in sorted(runs, key=lambda r: (r["model"], r["batch"], r["precision"], r["engine"])):
        epoch = run.get("epoch_images_per_second")
        text.append(
            "| {model} | {batch} | {engine} | {form} | {precision} | {step:,.0f} | {epoch} |".format(
                step=statistics.median(run["step_images_per_second"]),
                epoch=f"{statistics.median(epoch):,.0f}" if epoch else "",
                **{k: run[k] for k in ("model", "batch", "engine", "form", "precision")}))
    (folder / "results.md").write_text("\n".join(text) + "\n")
    print("\n".join(text))


if __name__ == "__main__":
    main()
