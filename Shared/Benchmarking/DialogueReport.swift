internal import Printing

/// How long a dialogue takes its listener: the whole suite, from the request to the last of its sound.
public struct DialogueReport: Codable, Equatable, Sendable {
    /// One dialogue.
    public struct Sample: Codable, Equatable, Sendable {
        /// From the request to the first sound that its listener has.
        public var firstAudioSeconds: Double
        /// Of silence between pieces of sound, for a listener who plays from the first on.
        public var stalledSeconds: Double
        /// From the request to the end.
        public var wallSeconds: Double
        /// Of sound.
        public var soundSeconds: Double
        /// Of the generator: the prompt read, the rows made.
        public var prefillSeconds: Double
        public var decodeSeconds: Double

        public init(
            firstAudioSeconds: Double, stalledSeconds: Double, wallSeconds: Double, soundSeconds: Double,
            prefillSeconds: Double,
            decodeSeconds: Double
        ) {
            self.firstAudioSeconds = firstAudioSeconds
            self.stalledSeconds = stalledSeconds
            self.wallSeconds = wallSeconds
            self.soundSeconds = soundSeconds
            self.prefillSeconds = prefillSeconds
            self.decodeSeconds = decodeSeconds
        }

        /// Seconds of work a second of sound.
        var realTimeFactor: Double { wallSeconds / soundSeconds }
    }

    public var frame: MeasurementFrame
    /// Of the generator: `int4`.
    public var precision = ""
    /// Of sound of each of the two voices.
    public var voiceSeconds: Double
    public var promptRows = 0
    /// Of dialogues whose sound comes settled, as in files.
    public var samples: [Sample] = []
    /// Of dialogues whose sound comes early, for a listener; one after each of ``samples``.
    public var earlySamples: [Sample] = []
    /// By service, of its process.
    public var peakMemoryBytes: [String: Int] = [:]

    public init(_ frame: MeasurementFrame, voiceSeconds: Double) {
        self.frame = frame
        self.voiceSeconds = voiceSeconds
    }

    /// What the times hold, for people.
    private static let extent =
        "in the time: voices out of the library, their codes made before; prompt, steps, sound; the ways between five "
        + "processes. Not in it: start, load, a dialogue that warms up"

    /// For people.
    public var text: String {
        func median(_ samples: [Sample], _ value: (Sample) -> Double) -> Double? {
            Samples(samples.map(value))?.median
        }
        let count = samples.count
        let lines = frame.lines(
            " in \(precision): a dialogue of two voices, \(frame.threadsText) a process, medians of \(count) "
                + (count == 1 ? "repetition" : "repetitions"))
        var table = TextTable(indent: 2)
        func add(_ name: String, _ seconds: Double?, _ meaning: String = "") {
            if let seconds { table.add(name, "\(Quantity.number(seconds)) s", meaning) }
        }
        add("voices", voiceSeconds, "each; prompt of \(promptRows) rows")
        add("sound", median(samples, \.soundSeconds))
        add("first sound, early", median(earlySamples, \.firstAudioSeconds))
        add("of it, prompt read", median(earlySamples, \.prefillSeconds))
        add("then stalled", median(earlySamples, \.stalledSeconds), "for a listener who plays at once")
        for (name, samples) in [("whole, early", earlySamples), ("whole, settled", samples)] {
            add(
                name, median(samples, \.wallSeconds),
                median(samples, \.realTimeFactor).map { "real-time factor \(Quantity.number($0))" } ?? "")
        }
        add("of it, rows made", median(samples, \.decodeSeconds))
        add("first sound, settled", median(samples, \.firstAudioSeconds))
        for (service, bytes) in peakMemoryBytes.sorted(by: { $0.key < $1.key }) {
            table.add("peak memory, \(service)", Quantity.bytes(bytes))
        }
        return (lines + table.lines + [Self.extent]).joined(separator: "\n")
    }
}
