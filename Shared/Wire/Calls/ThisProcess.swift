import Contracts
import Foundation

extension PeerDescription {
    /// This process as a peer of its own: another instance at each call.
    static func thisProcess(service: String, slots: Int, methods: [String]) -> PeerDescription {
        PeerDescription(
            service: service, software: "clq/\(Envelope.version)", instance: StreamID.random().bytes,
            process: UInt64(ProcessInfo.processInfo.processIdentifier), host: ProcessInfo.processInfo.hostName,
            slots: slots, methods: methods)
    }
}
