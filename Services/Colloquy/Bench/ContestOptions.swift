import ArgumentParser
import Benchmarking
import Foundation
import ServiceKit

/// Whom to measure beside us, and at what.
struct ContestOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Measure llama.cpp in turn with us: the folder of its llama-bench and llama-batched-bench.",
            valueName: "llama.cpp=FOLDER"))
    var against: Against?
    @Option(
        help: ArgumentHelp(
            "With --against, for each precision: the peer's model, int8=Q8_0.gguf.", valueName: "PRECISION=FILE"))
    var peerModel: [PeerModel] = []
    @Option(
        help: ArgumentHelp(
            "With --against, which kinds: \(ContestKind.allCases.map(\.rawValue).joined(separator: ", ")) (default: all).",
            valueName: "KIND,…"))
    var only: Kinds?
    @Option(
        help: "With --against: samples of each kind and side (default: 5); with --dialogue: dialogues (default: 3).")
    var repetitions: Int?
    /// A contest's own process.
    @Flag(help: .hidden)
    var answer = false

    var kinds: [ContestKind] { only?.kinds ?? ContestKind.allCases }

    func validate() throws {
        guard against == nil || !peerModel.isEmpty else {
            throw ValidationError("--against: name the peer's model too, as --peer-model int8=FILE")
        }
        guard against != nil || answer || (peerModel.isEmpty && only == nil) else {
            throw ValidationError("--peer-model and --only go with --against")
        }
        guard (1...1000).contains(repetitions ?? 1) else {
            throw ValidationError("--repetitions: allowed is 1...1000")
        }
    }

    /// `llama.cpp=FOLDER`
    struct Against: ExpressibleByArgument, Sendable {
        static let name = "llama.cpp"
        let folder: URL

        init?(argument: String) {
            guard let (name, path) = argument.pair, name == Self.name else { return nil }
            folder = URL(filePath: path)
        }

        /// A program of the peer, in its folder or in `bin` in there.
        func program(_ name: String) throws -> URL {
            let places = [folder.appending(path: name), folder.appending(path: "bin/\(name)")]
            guard let place = places.first(where: { FileManager.default.isExecutableFile(atPath: $0.path) }) else {
                throw ServiceFailure(
                    .noInput,
                    "\(places[0].path) is not there, nor in bin; build llama.cpp with Compose/peers/build-llama")
            }
            return place
        }
    }

    /// `int8=FILE`
    struct PeerModel: ExpressibleByArgument, Sendable {
        let precision: ServiceSettings.Precision
        let file: String

        init?(argument: String) {
            guard let (name, path) = argument.pair, let precision = ServiceSettings.Precision(rawValue: name) else {
                return nil
            }
            self.precision = precision
            file = path
        }
    }

    struct Kinds: ExpressibleByArgument, Sendable {
        let kinds: [ContestKind]

        init?(argument: String) {
            let names = argument.split(separator: ",").map(String.init)
            let kinds = names.compactMap(ContestKind.init)
            guard !kinds.isEmpty, kinds.count == names.count, Set(kinds).count == kinds.count else { return nil }
            self.kinds = kinds
        }

        var text: String { kinds.map(\.rawValue).joined(separator: ",") }
    }
}

extension String {
    /// What stands before and behind the first `=`, where neither is empty.
    fileprivate var pair: (name: String, value: String)? {
        let parts = split(separator: "=", maxSplits: 1).map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
}
