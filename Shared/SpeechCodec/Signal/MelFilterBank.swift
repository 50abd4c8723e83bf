import Foundation

/// Triangles on the slaney mel scale, each of area one (model.md 2.4).
package enum MelFilterBank {
    /// `[bins, bands]` row-major, for `bins` frequencies evenly spaced from 0 to half the sample rate.
    package static func filters(bins: Int, bands: Int, sampleRate: Int) -> [Float] {
        let top = Double(sampleRate) / 2
        let lastMel = mel(top)
        let edges = (0..<bands + 2).map { frequency(lastMel * Double($0) / Double(bands + 1)) }
        var filters = [Float](repeating: 0, count: bins * bands)
        for bin in 0..<bins {
            let at = top * Double(bin) / Double(bins - 1)
            for band in 0..<bands {
                let (low, middle, high) = (edges[band], edges[band + 1], edges[band + 2])
                let height = max(0, min((at - low) / (middle - low), (high - at) / (high - middle)))
                filters[bin * bands + band] = Float(height * 2 / (high - low))
            }
        }
        return filters
    }

    /// Linear below 1 kHz, logarithmic above.
    private static func mel(_ hertz: Double) -> Double {
        hertz < 1000 ? hertz * 3 / 200 : 15 + 27 * log(hertz / 1000) / log(6.4)
    }

    private static func frequency(_ mel: Double) -> Double {
        mel < 15 ? mel * 200 / 3 : 1000 * exp((mel - 15) * log(6.4) / 27)
    }
}
