import ArgumentParser

/// A whole dialogue instead of its parts.
struct DialogueOptions: ParsableArguments {
    @Flag(
        help:
            "Time 10 s of dialogue of two voices, through a suite of its own, from the request to the last of its sound."
    )
    var dialogue = false
    @Option(
        help: ArgumentHelp(
            "With --dialogue and --random-weights: write the model (6 GB) there, and take it from there when it is there.",
            valueName: "FOLDER"))
    var keep: String?

    func validate() throws {
        guard keep == nil || dialogue else { throw ValidationError("--keep goes with --dialogue") }
    }
}
