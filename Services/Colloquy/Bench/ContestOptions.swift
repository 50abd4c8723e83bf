import ArgumentParser
import Benchmarking
import Foundation
import ServiceKit

/// Whom to measure beside us, and at what.
struct ContestOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Measure a peer in turn with us: llama.cpp=FOLDER of its llama-bench and llama-batched-bench, or "
                + "pytorch=FOLDER that Compose/peers/build-pytorch made.",
            valueName: "PEER=FOLDER"),
        transform: Against.init(parsing:))
    var against: Against?
    @Option(
        help: ArgumentHelp(
            "With --against llama.cpp, for each precision: the peer's model, int8=Q8_0.gguf.",
            valueName: "PRECISION=FILE"))
    var peerModel: [PeerModel] = []
    @Option(
        help: ArgumentHelp(
            "With --against, which kinds: "
                + ContestPeer.allCases.map { "\($0.rawValue) has \($0.kindNames)" }.joined(separator: "; ")
                + " (default: all).",
            valueName: "KIND,…"),
        transform: Kinds.init(parsing:))
    var only: Kinds?
    /// A contest's own process.
    @Flag(help: .hidden)
    var answer = false

    /// What is to be measured: all that the peer does, unless some are chosen.
    var kinds: [ContestKind] { only?.kinds ?? against?.peer.kinds ?? ContestKind.allCases }

    func validate() throws {
        guard against != nil || answer || (peerModel.isEmpty && only == nil) else {
            throw ValidationError("--peer-model and --only go with --against")
        }
        guard let peer = against?.peer else { return }
        switch peer {
        case .llamaCpp where peerModel.isEmpty:
            throw ValidationError("--against: name the peer's model too, as --peer-model int8=FILE")
        case .pyTorch where !peerModel.isEmpty:
            throw ValidationError("--peer-model goes with llama.cpp: PyTorch makes its weights itself, leave it out")
        default: break
        }
        if let strange = kinds.first(where: { !peer.kinds.contains($0) }) {
            let others = ContestPeer.allCases.filter { $0.kinds.contains(strange) }.map { "\($0.rawValue)=FOLDER" }
            throw ValidationError(
                "--only: \(peer.title) has \(peer.kindNames); \(strange.rawValue) goes with --against "
                    + others.joined(separator: " or "))
        }
    }

    /// `llama.cpp=FOLDER`, `pytorch=FOLDER`
    struct Against: Sendable {
        let peer: ContestPeer
        let folder: URL

        init(parsing argument: String) throws {
            let forms = ContestPeer.allCases.map { "\($0.rawValue)=FOLDER" }.joined(separator: " or ")
            guard let (name, path) = argument.pair else { throw ValidationError("give it as \(forms)") }
            guard let peer = ContestPeer(rawValue: name) else {
                throw ValidationError("no such peer: \(name); give it as \(forms)")
            }
            self.peer = peer
            folder = URL(filePath: path)
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

    struct Kinds: Sendable {
        let kinds: [ContestKind]

        init(parsing argument: String) throws {
            kinds = try argument.split(separator: ",").map { name in
                guard let kind = ContestKind(rawValue: String(name)) else {
                    let all = ContestKind.allCases.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("no such kind: \(name); there are \(all)")
                }
                return kind
            }
            guard !kinds.isEmpty, Set(kinds).count == kinds.count else {
                throw ValidationError("name each kind once, with commas between")
            }
        }
    }
}

extension ContestPeer {
    fileprivate var kindNames: String { kinds.map(\.rawValue).joined(separator: ", ") }
}

extension String {
    /// What stands before and behind the first `=`, where neither is empty.
    fileprivate var pair: (name: String, value: String)? {
        let parts = split(separator: "=", maxSplits: 1).map(String.init)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
}
