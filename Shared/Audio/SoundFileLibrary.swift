internal import CSndfile

/// What the machine has installed.
public enum SoundFileLibrary {
    /// `1.2.0`
    public static var version: String {
        let text = sf_version_string().map { String(cString: $0) } ?? ""
        return text.hasPrefix("libsndfile-") ? String(text.dropFirst("libsndfile-".count)) : text
    }
}
