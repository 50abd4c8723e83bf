internal import COpenBLAS

/// What the machine has installed.
public enum BLASLibrary {
    /// `0.3.21`, with the processor that its kernels are made for: `0.3.21 (SkylakeX)`.
    public static var version: String {
        let words = String(cString: openblas_get_config()).split(separator: " ")
        return "\(words.dropFirst().first ?? "unknown") (\(String(cString: openblas_get_corename())))"
    }
}
