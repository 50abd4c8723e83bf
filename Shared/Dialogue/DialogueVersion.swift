/// The published versions of the model whose text rules differ. The raw value is the version's public name.
public enum DialogueVersion: String, CaseIterable, Sendable {
    case v05 = "v0.5"
    case v07 = "v0.7"

    /// Whether the original normalises text when nobody says.
    public var normalizesByDefault: Bool { self == .v05 }
}
