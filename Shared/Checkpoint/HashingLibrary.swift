internal import CSodium

/// What the machine has installed.
public enum HashingLibrary {
    /// Of libsodium: `1.0.18`.
    public static var version: String { sodium_version_string().map { String(cString: $0) } ?? "" }
}
