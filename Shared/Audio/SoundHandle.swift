import CSndfile
import Synchronization

/// An open `SNDFILE`, closed with the object; the one place that calls libsndfile.
///
/// Invariant: the pointer is valid from `init` to `close`, and `file`, which libsndfile points to without holding it, is
/// alive in every call (`withExtendedLifetime`, because the optimiser may end a life after its last use in Swift).
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

    init(writing store: any ByteStore, format: AudioFormat, channelCount: Int, sampleRate: Int) throws(Refusal) {
        var information = SF_INFO()
        information.format = Int32(format.sndfileFormat)
        information.channels = Int32(channelCount)
        information.samplerate = Int32(sampleRate)
        file = VirtualFile(store)
        pointer = try Self.open(file, mode: SFM_WRITE, &information)
        self.sampleRate = sampleRate
        self.channelCount = channelCount
        sampleCount = 0
        // The chunk of peaks in a float WAV carries the time of day.
        _ = sf_command(pointer, Int32(SFC_SET_ADD_PEAK_CHUNK), nil, Int32(SF_FALSE))
    }

    deinit { close() }

    private static func open(_ file: VirtualFile, mode: Int, _ information: inout SF_INFO) throws(Refusal)
        -> OpaquePointer
    {
        // The lock guards a call, no value; the pointer leaves it as a number, which the compiler lets pass.
        let (address, reason) = opening.withLock { _ in
            var callbacks = VirtualFile.callbacks()
            let opened = withExtendedLifetime(file) {
                sf_open_virtual(&callbacks, Int32(mode), &information, file.pointer)
            }
            return (UInt(bitPattern: opened), opened == nil ? Self.text(sf_strerror(nil)) : "")
        }
        guard let pointer = OpaquePointer(bitPattern: address) else { throw Refusal(reason: reason) }
        return pointer
    }

    /// Reads up to `buffer.count / channelCount` samples of each channel, interleaved; returns how many, 0 at the end.
    func read(into buffer: UnsafeMutableBufferPointer<Float>) -> Int {
        guard let pointer, let start = buffer.baseAddress else { return 0 }
        let count = sf_count_t(buffer.count / channelCount)
        return withExtendedLifetime(file) { max(0, Int(sf_readf_float(pointer, start, count))) }
    }

    /// Writes `count` samples of each channel, interleaved; false when they were not all taken.
    func write(_ values: [Float], count: Int) -> Bool {
        guard let pointer, values.count == count * channelCount else { return false }
        return withExtendedLifetime(file) {
            values.withUnsafeBufferPointer { sf_writef_float(pointer, $0.baseAddress, sf_count_t(count)) } == count
        }
    }

    /// The same for 16-bit samples.
    func write(_ values: [Int16], count: Int) -> Bool {
        guard let pointer, values.count == count * channelCount else { return false }
        return withExtendedLifetime(file) {
            values.withUnsafeBufferPointer { sf_writef_short(pointer, $0.baseAddress, sf_count_t(count)) } == count
        }
    }

    /// Makes the header of an unfinished file tell of all that was written.
    func updateHeader() {
        withExtendedLifetime(file) { _ = sf_command(pointer, Int32(SFC_UPDATE_HEADER_NOW), nil, 0) }
    }

    /// Why the last call failed; nil when it did not.
    var error: String? {
        guard let pointer, sf_error(pointer) != 0 else { return nil }
        return Self.text(sf_strerror(pointer))
    }

    /// libsndfile's sentence without "Error : " and full stop, because it becomes part of ours.
    private static func text(_ message: UnsafePointer<CChar>?) -> String {
        guard let message else { return "no reason given" }
        let text = String(cString: message)
        let start = text.hasPrefix("Error : ") ? text.dropFirst(8) : text[...]
        return String(start.hasSuffix(".") ? start.dropLast() : start)
    }

    /// Ends a file that is written; false when its end could not be written. Does nothing the second time.
    @discardableResult
    func close() -> Bool {
        guard let open = pointer else { return true }
        pointer = nil
        return withExtendedLifetime(file) { sf_close(open) == 0 }
    }
}
