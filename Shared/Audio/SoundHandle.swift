import CSndfile
import Synchronization

/// An open `SNDFILE`, closed with the object; the one place that calls libsndfile.
///
/// Invariant: the pointer is valid from `init` to `close`, and `file`, which libsndfile points to, lives as long as this.
final class SoundHandle {
    struct Refusal: Error {
        let reason: String
    }

    private var pointer: OpaquePointer?
    private let file: VirtualFile
    let sampleRate: Int
    let channelCount: Int
    /// Samples of one channel that the header tells of; when reading, an unchecked claim.
    let sampleCount: Int

    /// libsndfile tells why an open failed through a variable of the whole process, and initialises its MP3 decoder on
    /// first use; so files are opened one after the other.
    private static let opening = Mutex(())

    init(reading store: any ByteStore) throws(Refusal) {
        var information = SF_INFO()
        file = VirtualFile(store)
        pointer = try Self.open(file, mode: SFM_READ, &information)
        sampleRate = Int(information.samplerate)
        channelCount = Int(information.channels)
        sampleCount = Int(information.frames)
    }

    /// - Parameter format: One of libsndfile's, container and encoding.
    init(writing store: any ByteStore, format: Int, channelCount: Int, sampleRate: Int) throws(Refusal) {
        var information = SF_INFO()
        information.format = Int32(format)
        information.channels = Int32(channelCount)
        information.samplerate = Int32(sampleRate)
        file = VirtualFile(store)
        pointer = try Self.open(file, mode: SFM_WRITE, &information)
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        sampleCount = 0
    }

    deinit { close() }

    private static func open(_ file: VirtualFile, mode: Int, _ information: inout SF_INFO) throws(Refusal)
        -> OpaquePointer
    {
        // The lock guards a call, no value; the pointer leaves it as a number, which the compiler lets pass.
        let (address, reason) = opening.withLock { _ in
            var callbacks = VirtualFile.callbacks()
            let opened = sf_open_virtual(&callbacks, Int32(mode), &information, file.pointer)
            return (UInt(bitPattern: opened), opened == nil ? String(cString: sf_strerror(nil)) : "")
        }
        guard let pointer = OpaquePointer(bitPattern: address) else { throw Refusal(reason: reason) }
        return pointer
    }

    /// Sets one of libsndfile's switches (`SFC_...`).
    func set(_ command: Int, _ value: Bool) {
        _ = sf_command(pointer, Int32(command), nil, Int32(value ? SF_TRUE : SF_FALSE))
    }

    /// Reads up to `buffer.count / channelCount` samples of each channel, interleaved; returns how many, 0 at the end.
    func read(into buffer: UnsafeMutableBufferPointer<Float>) -> Int {
        guard let pointer, let start = buffer.baseAddress else { return 0 }
        return max(0, Int(sf_readf_float(pointer, start, sf_count_t(buffer.count / channelCount))))
    }

    /// Why the last call failed; nil when it did not.
    var error: String? {
        guard let pointer, sf_error(pointer) != 0 else { return nil }
        return String(cString: sf_strerror(pointer))
    }

    /// Ends a file that is written; false when its end could not be written. Does nothing the second time.
    @discardableResult
    func close() -> Bool {
        guard let open = pointer else { return true }
        pointer = nil
        return sf_close(open) == 0
    }
}
