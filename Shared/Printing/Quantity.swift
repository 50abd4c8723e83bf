import Foundation

/// Numbers as people read them.
public enum Quantity {
    /// Three digits that count: `0.0123`, `1.23`, `12.3`, `123`, `1234`; never in powers of ten.
    public static func number(_ value: Double) -> String {
        guard value.isFinite else { return "?" }
        let magnitude = abs(value)
        let places = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : magnitude >= 0.9995 ? 2 : 3
        return String(format: "%.\(places)f", locale: nil, value)
    }

    /// Bytes by the thousand, as disks are sold: `3.47 GB`.
    public static func bytes(_ count: Int) -> String { scaled(Double(count)) + "B" }

    /// A count by the thousand: `1.74 G`, `950`.
    public static func count(_ count: Int) -> String {
        count < 1000 ? "\(count)" : scaled(Double(count)).trimmingCharacters(in: .whitespaces)
    }

    /// A rate by the thousand: `18.3 GB/s` for the unit `B/s`.
    public static func rate(_ value: Double, _ unit: String) -> String { scaled(value) + unit }

    /// `47 %`
    public static func share(_ part: Double) -> String {
        part.isFinite ? String(format: "%.0f %%", locale: nil, part * 100) : "?"
    }

    private static func scaled(_ value: Double) -> String {
        var value = value
        var prefixes = ["", "k", "M", "G", "T"][...]
        // What would be rounded to 1000 belongs to the next prefix.
        while abs(value) >= 999.5, prefixes.count > 1 {
            value /= 1000
            prefixes.removeFirst()
        }
        let prefix = prefixes.first ?? ""
        let digits =
            prefix.isEmpty && value == value.rounded() ? String(format: "%.0f", locale: nil, value) : number(value)
        return "\(digits) \(prefix)"
    }
}
