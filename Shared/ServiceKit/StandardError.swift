import Glibc

/// Where people are told things.
public enum StandardError {
    /// Writes in one piece, so that the lines of several processes on one terminal do not mix.
    ///
    /// A reader that went away is no reason to stop, let alone to trap, as `FileHandle.write` does: what it would have
    /// read is lost, and nothing else.
    public static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
