/// The processor, as `/proc/cpuinfo` describes it.
public struct Processor: Equatable, Sendable {
    /// `AMD EPYC`; empty where the system does not tell.
    public let name: String
    /// What matters for our arithmetic, in a fixed order: `avx2`, `avx512_vnni` …
    public let features: [String]

    /// In the order in which they are told.
    private static let told = [
        "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "avx512_fp16", "avx_vnni",
        "amx_tile", "amx_int8", "amx_bf16", "asimd", "asimddp", "i8mm", "bf16", "sve",
    ]

    /// - Parameter text: Of `/proc/cpuinfo`; the first processor counts.
    public init(cpuinfo text: String) {
        var name = ""
        var flags: Set<Substring> = []
        for line in text.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let key = line[..<colon].trimmed
            let value = line[line.index(after: colon)...].trimmed
            if key == "model name", name.isEmpty { name = String(value) }
            if key == "flags" || key == "Features", flags.isEmpty { flags = Set(value.split(separator: " ")) }
        }
        self.name = name
        features = Self.told.filter { flags.contains(Substring($0)) }
    }

    /// - Parameters:
    ///   - instructionSet: What the kernels chose: `vnni`, `avx2`, `scalar` …
    ///   - count: Processors that this process may use.
    public func finding(instructionSet: String, count: Int) -> Finding {
        let words = "\(name.isEmpty ? "unknown" : name), \(count) usable, kernels for \(instructionSet)"
        let fact = features.isEmpty ? words : "\(words); it has \(features.joined(separator: " "))"
        guard instructionSet == "scalar" else { return Finding("processor", .good, fact) }
        let hasVectors = features.contains("avx2") && features.contains("fma") || features.contains("asimd")
        return Finding(
            "processor", .note, fact,
            remedy: hasVectors
                ? "unset COLLOQUY_ISA, which asks for less than this processor has"
                : "speech is slow without AVX2: use a processor of 2015 or later")
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return start[...last]
    }
}
