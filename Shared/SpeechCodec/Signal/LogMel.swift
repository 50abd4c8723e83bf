package import Checkpoint
package import Compute
import Foundation

/// The log-mel spectrogram of one chunk of audio, as the encoders were trained on (model.md 2.4).
///
/// The original fills a chunk with zeros to its full length and takes every frame of it. Frames that see nothing but
/// zeros all have the same value, so only those that touch the samples are computed.
package struct LogMel: Sendable {
    /// Power below this counts as this.
    private static let powerFloor: Float = 1e-10
    /// Decades below the chunk's loudest value that are kept.
    private static let range: Float = 8

    let bands: Int
    private let hop: Int
    private let length: Int
    private let chunkSamples: Int
    private let chunkFrames: Int
    /// Periodic Hann.
    package let window: [Float]
    /// `[bins, bands]`.
    private let filters: Matrix
    private let fourier: FoldedFourier

    package init(_ sizes: CodecConfiguration.FeatureExtractor) {
        bands = sizes.melBins
        hop = sizes.hopLength
        length = sizes.fourierLength
        chunkSamples = sizes.chunkSamples
        chunkFrames = sizes.positionsMax
        window = HannWindow.periodic(length)
        fourier = FoldedFourier(length: length)
        let bins = fourier.bins
        filters = Matrix(
            rows: bins, columns: bands,
            values: MelFilterBank.filters(bins: bins, bands: bands, sampleRate: sizes.sampleRate))
    }

    /// Frames that count as filled by `samples` samples.
    package func validFrames(samples: Int) -> Int { (min(samples, chunkSamples) + hop - 1) / hop }

    /// The first `frames` frames of the chunk, `[frames, bands]`.
    ///
    /// - Parameter samples: At most a chunk; what is beyond is ignored.
    package func features(_ samples: ArraySlice<Float>, frames: Int, pool: WorkerPool) -> Matrix {
        let samples = samples.prefix(chunkSamples)
        let frames = min(frames, chunkFrames)
        // Frame t sees samples from t · hop − length/2 on; the last ones also see the chunk's end mirrored.
        let touched = samples.isEmpty ? 0 : min(chunkFrames, (samples.count + length / 2 + hop - 1) / hop)
        let mel = Matrix(rows: max(touched, frames), columns: bands)
        pool.runRows(0..<touched) { block in
            let power = fourier.power(frames: block.count) { frame, values in
                cut(samples, frame: block.lowerBound + frame, into: &values)
            }
            mel.rows(block).assign(power, times: filters)
        }

        let silent = log10(Self.powerFloor)
        var loudest = touched < chunkFrames ? silent : -Float.infinity
        for row in 0..<touched {
            mel.withRow(row) { values in
                for band in values.indices {
                    values[band] = log10(max(values[band], Self.powerFloor))
                    loudest = max(loudest, values[band])
                }
            }
        }
        let floor = loudest - Self.range
        for row in 0..<mel.rows {
            mel.withRow(row) { values in
                for band in values.indices {
                    let level = row < touched ? values[band] : silent
                    values[band] = (max(level, floor) + 4) / 4
                }
            }
        }
        return mel.rows(0..<frames)
    }

    /// The windowed samples of a frame centred on sample frame · hop, mirrored at both ends of the chunk.
    private func cut(_ samples: ArraySlice<Float>, frame: Int, into values: inout [Double]) {
        let start = frame * hop - length / 2
        for offset in 0..<length {
            var index = abs(start + offset)
            if index >= chunkSamples { index = 2 * (chunkSamples - 1) - index }
            // The product is rounded to Float as the original rounds it; the transform is then exact in comparison.
            values[offset] =
                index < samples.count ? Double(samples[samples.startIndex + index] * window[offset]) : 0
        }
    }
}
