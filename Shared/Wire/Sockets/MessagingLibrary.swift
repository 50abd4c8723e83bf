internal import CZeroMQ

/// What the machine has installed.
public enum MessagingLibrary {
    /// Of libzmq: `4.3.4`.
    public static var version: String {
        var major: Int32 = 0
        var minor: Int32 = 0
        var patch: Int32 = 0
        zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }
}
