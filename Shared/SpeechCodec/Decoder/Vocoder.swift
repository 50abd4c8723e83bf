internal import Checkpoint
internal import Compute

/// Vocos: mel-like features at 100 Hz to sound, by a stack of convolutions and an inverse Fourier transform.
struct Vocoder {
    private static let epsilon: Float = 1e-6
    /// Magnitudes above this are cut.
    private static let magnitudeLimit: Float = 100

    private let embed: Convolution
    private let norm: LayerNorm
    private let blocks: [ConvNeXtBlock]
    private let finalNorm: LayerNorm
    private let head: Linear
    private let inverse: InverseSTFT

    init(_ weights: CodecWeights, _ name: String, _ sizes: CodecConfiguration.Vocoder) throws(CheckpointError) {
        let backbone = "\(name).backbone"
        embed = try Convolution(
            weights, "\(backbone).embed", outputs: sizes.width, inputs: sizes.inputChannels, taps: ConvNeXtBlock.taps)
        norm = try LayerNorm(weights, "\(backbone).norm", width: sizes.width, epsilon: Self.epsilon)
        var blocks: [ConvNeXtBlock] = []
        for layer in 0..<sizes.layers {
            blocks.append(
                try ConvNeXtBlock(
                    weights, "\(backbone).convnext.\(layer)", width: sizes.width, innerWidth: sizes.innerWidth,
                    epsilon: Self.epsilon))
            if layer % 8 == 7 { FreedMemory.giveBack() }
        }
        self.blocks = blocks
        finalNorm = try LayerNorm(
            weights, "\(backbone).final_layer_norm", width: sizes.width, epsilon: Self.epsilon)
        head = try Linear(
            weights, "\(name).head.out", outputs: sizes.fourierLength + 2, inputs: sizes.width)
        let window = "\(name).head.istft.window"
        inverse = InverseSTFT(
            hop: sizes.hopLength,
            window: weights.source.contains(window)
                ? try weights.row(window, count: sizes.fourierLength)
                : Matrix(rows: 1, columns: sizes.fourierLength, values: HannWindow.periodic(sizes.fourierLength)))
    }

    /// Features that a sound depends on beyond its own, on each side.
    private var reach: Int { (blocks.count + 1) * (ConvNeXtBlock.taps / 2) }

    /// The features that samples depend on, of `frames` in all.
    func features(for samples: Range<Int>, of frames: Int) -> Range<Int> {
        let touching = inverse.frames(touching: samples, of: frames)
        guard !touching.isEmpty else { return 0..<0 }
        return max(0, touching.lowerBound - reach)..<min(frames, touching.upperBound + reach)
    }

    /// The samples of `range`; only the features that can reach them are computed.
    ///
    /// - Parameter features: `[frames, channels]`; frame t stands for the samples from t · hop on.
    func samples(_ range: Range<Int>, features: Matrix, workers: CodecWorkers, probe: CodecProbe?) -> [Float] {
        let wanted = inverse.frames(touching: range, of: features.rows)
        guard !wanted.isEmpty else { return [] }
        let seen = self.features(for: range, of: features.rows)
        var x = Matrix(unwritten: seen.count, columns: embed.outputs)
        embed.apply(features.rows(seen), into: x, pool: workers.pool)
        workers.pool.runRows(0..<x.rows) { norm.apply(x.rows($0), into: x.rows($0)) }
        var y = Matrix(unwritten: x.rows, columns: x.columns)
        for (index, block) in blocks.enumerated() {
            // What later blocks see, no further: the ends of x beyond it are out of date, and nobody looks at them.
            let reach = (blocks.count - 1 - index) * (ConvNeXtBlock.taps / 2)
            let used = max(seen.lowerBound, wanted.lowerBound - reach)..<min(seen.upperBound, wanted.upperBound + reach)
            block.apply(
                x, into: y, wanted: used.lowerBound - seen.lowerBound..<used.upperBound - seen.lowerBound,
                workers: workers)
            swap(&x, &y)
        }
        let kept = x.rows(wanted.lowerBound - seen.lowerBound..<wanted.upperBound - seen.lowerBound)
        let spectra = Matrix(unwritten: kept.rows, columns: head.outputs)
        workers.pool.runRows(0..<kept.rows) { block in
            let (part, spectrum) = (kept.rows(block), spectra.rows(block))
            finalNorm.apply(part, into: part)
            head.apply(part, into: spectrum, scratch: workers.scratch)
        }
        probe?("vocos_backbone", kept)
        probe?("vocos_head_linear", spectra)
        workers.pool.runRows(0..<kept.rows) { block in
            spectra.rows(block).assignPolar(spectra.rows(block), limit: Self.magnitudeLimit)
        }
        return inverse.samples(range, spectra: spectra, firstFrame: wanted.lowerBound, workers: workers)
    }
}
