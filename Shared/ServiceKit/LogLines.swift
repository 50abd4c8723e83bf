package import Foundation
import Glibc
public import Logging

/// Logs, one line an event, to stderr: UTC time, level, label, message, metadata in the order of its names.
///
/// Script text, transcripts and sound never go into a log; that is the caller's promise, because no handler can tell.
public struct LogLines: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let format: ServiceSettings.LogFormat
    private let now: @Sendable () -> Date
    private let write: @Sendable (String) -> Void

    public init(label: String, level: Logger.Level, format: ServiceSettings.LogFormat) {
        self.init(label: label, level: level, format: format, now: { Date() }, write: StandardError.write)
    }

    package init(
        label: String, level: Logger.Level, format: ServiceSettings.LogFormat, now: @escaping @Sendable () -> Date,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.label = label
        logLevel = level
        self.format = format
        self.now = now
        self.write = write
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { _, new in new } }
        if let given = event.metadata { all.merge(given) { _, new in new } }
        if let error = event.error { all["error"] = "\(error)" }
        let pairs = all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        let time = now().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        switch format {
        case .text: write(text(time, event, pairs))
        case .json: write(json(time, event, pairs))
        }
    }

    private func text(_ time: String, _ event: LogEvent, _ pairs: [(String, String)]) -> String {
        var line = "\(time) \(event.level) \(label): \(Self.oneLine("\(event.message)"))"
        for (name, value) in pairs {
            let quoted = value.contains { $0 == " " || $0 == "\"" } || value.isEmpty
            line += " \(Self.oneLine(name))=\(quoted ? Self.quoted(value) : Self.oneLine(value))"
        }
        return line + "\n"
    }

    private func json(_ time: String, _ event: LogEvent, _ pairs: [(String, String)]) -> String {
        var members = [("time", time), ("level", "\(event.level)"), ("label", label), ("message", "\(event.message)")]
        let taken = Set(members.map(\.0))
        members += pairs.map { (taken.contains($0.0) ? "_" + $0.0 : $0.0, $0.1) }
        return "{" + members.map { "\(Self.quoted($0.0)):\(Self.quoted($0.1))" }.joined(separator: ",") + "}\n"
    }

    /// A log is read by line, and by terminals: what would end a line or steer a terminal is written as an escape.
    private static func oneLine(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else { return text }
        return String(text.unicodeScalars.flatMap { Array(escaped($0)) })
    }

    private static func escaped(_ scalar: Unicode.Scalar) -> String {
        guard scalar.properties.generalCategory == .control else { return String(scalar) }
        let hex = String(scalar.value, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
    }

    /// As a JSON string.
    private static func quoted(_ text: String) -> String {
        "\"" + oneLine(text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")) + "\""
    }
}
