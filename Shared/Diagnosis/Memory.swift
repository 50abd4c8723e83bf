internal import Printing

/// The machine's memory, as `/proc/meminfo` describes it, in bytes.
public struct Memory: Equatable, Sendable {
    public let total: Int
    /// What programs can have without others being put aside.
    public let available: Int

    /// - Returns: nil when the text is no such description.
    public init?(meminfo text: String) {
        func bytes(_ key: String) -> Int? {
            for line in text.split(separator: "\n") where line.hasPrefix(key + ":") {
                return line.dropFirst(key.count + 1).split(separator: " ").first
                    .flatMap { Int($0) }.map { $0 * 1024 }
            }
            return nil
        }
        guard let total = bytes("MemTotal"), let available = bytes("MemAvailable") else { return nil }
        self.total = total
        self.available = available
    }

    /// - Parameter needed: Bytes that the suite takes with the model in question; nil when there is none.
    public func finding(needed: Int?) -> Finding {
        let fact = "\(Quantity.bytes(total)), \(Quantity.bytes(available)) of it available"
        guard let needed, available < needed else { return Finding("memory", .good, fact) }
        let fits = total >= needed
        return Finding(
            "memory", fits ? .note : .fault, "\(fact); the model takes about \(Quantity.bytes(needed))",
            remedy: fits ? "end other programs" : "use a machine with more memory, or a smaller model")
    }
}
