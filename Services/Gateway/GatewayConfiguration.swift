package import ServiceKit

/// What the gateway is told beside the keys of every service.
package struct GatewayConfiguration: ServiceConfiguration {
    package static let service = "gateway"
    package static let summary = "the front of the suite: takes dialogues, and forwards every call to a worker."

    static let bind = ConfigurationKey.endpoints(
        "bind", defaultText: "as gateway", reason: "where it listens, when that differs from what the others dial")
    static let sessionsMax = ConfigurationKey.integer(
        "sessions_max", 1...1024, default: 8,
        reason: "dialogues spoken at once; more than the generators' slots only wait there")
    static let sessionsWaitingMax = ConfigurationKey.integer(
        "sessions_waiting_max", 0...4096, default: 64, reason: "dialogues that may wait; more are refused as overloaded"
    )
    static let appearWait = ConfigurationKey.milliseconds(
        "appear_wait_milliseconds", 0...600_000, default: 2000,
        reason: "how long a request waits for a worker of its service to appear")

    package static let keys = [
        bind.declaration, sessionsMax.declaration, sessionsWaitingMax.declaration, appearWait.declaration,
    ]

    package let bind: [String]
    package let sessionsMax: Int
    package let sessionsWaitingMax: Int
    package let appearWait: Duration

    package init(_ reader: inout ConfigurationReader, settings: ServiceSettings) throws(ConfigurationError) {
        bind = try reader.value(of: Self.bind, orElse: settings.gateways)
        sessionsMax = try reader.value(of: Self.sessionsMax)
        sessionsWaitingMax = try reader.value(of: Self.sessionsWaitingMax)
        appearWait = try reader.value(of: Self.appearWait)
    }
}
