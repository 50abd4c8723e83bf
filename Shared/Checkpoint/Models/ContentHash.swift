import Dispatch
import Synchronization

/// A name for a model's numbers: BLAKE2b-256 (RFC 7693) over its configuration and over each tensor that is read. A full
/// model has gigabytes, which this reads several times as fast as SHA-256 would.
///
/// Long tensors are hashed in pieces on all cores, and the pieces' digests in their order; the number of cores leaves no trace.
enum ContentHash {
    private static let pieceBytes = 32 << 20

    static func hash(
        _ configuration: String, _ source: any TensorSource, _ expected: [ExpectedTensor]
    ) throws(CheckpointError) -> String {
        var pieces: [(tensor: StoredTensor, range: Range<Int>)] = []
        var outline = configuration
        for name in expected.filter(\.isRequired).map(\.name).sorted() {
            let tensor = try source.tensor(name)
            outline += "\n\(name) \(tensor.scalarType.rawValue) \(tensor.shape)"
            for start in stride(from: 0, to: tensor.byteCount, by: pieceBytes) {
                pieces.append((tensor, start..<min(start + pieceBytes, tensor.byteCount)))
            }
        }
        let digests = Mutex([[UInt8]](repeating: [], count: pieces.count))
        let work = pieces
        DispatchQueue.concurrentPerform(iterations: work.count) { index in
            let found = work[index].tensor.withBytes {
                Digest(of: UnsafeRawBufferPointer(rebasing: $0[work[index].range])).bytes
            }
            digests.withLock { $0[index] = found }
        }
        return Digest(of: Array(outline.utf8) + digests.withLock { $0.flatMap { $0 } }).hexadecimal
    }
}

extension LanguageModelConfiguration {
    /// What changes the model's numbers, in a form that stays as it is from one release to the next.
    var canonicalText: String {
        """
        language model 1
        heads \(attentionHeads) \(keyValueHeads) \(headSize)
        norm \(normEpsilon) rope \(ropeTheta)
        speech \(speechTokenRange.lowerBound) \(speechTokenRange.upperBound) pad \(speechPadToken)
        ids \(padToken) \(endToken)
        """
    }
}

extension CodecConfiguration {
    /// What changes the codec's numbers and is not in the tensors' shapes, in a form that stays as it is from one release to
    /// the next.
    var canonicalText: String {
        let mel = featureExtractor
        let heads = [
            semanticEncoder.heads, semanticEncoderAdapter.heads, acousticEncoder.heads, preQuantizerAdapter.heads,
            postQuantizerAdapter.heads, acousticDecoder.heads,
        ]
        return """
            codec 1
            rates \(inputSampleRate) \(outputSampleRate) \(encoderDownsampleRate) \(decoderUpsampleRate)
            mel \(mel.melBins) \(mel.fourierLength) \(mel.hopLength) \(mel.chunkSamples)
            heads \(heads)
            strides \(semanticEncoder.stride) \(downsample.factor) \(upsample.stride) \(acousticDecoder.stride)
            vocoder \(vocoder.fourierLength) \(vocoder.hopLength)
            """
    }
}
