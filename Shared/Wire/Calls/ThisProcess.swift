import Contracts
import Foundation

extension PeerDescription {
    /// What speaks where no program names its own version.
    static let unnamedSoftware = "clq/\(Envelope.version)"

    /// This process as a peer of its own: another instance at each call.
    static func thisProcess(service: String, software: String, slots: Int, methods: [String]) -> PeerDescription {
        PeerDescription(
            service: service, software: software, instance: StreamID.random().bytes,
            process: UInt64(ProcessInfo.processInfo.processIdentifier), host: ProcessInfo.processInfo.hostName,
            slots: slots, methods: methods)
    }
}
