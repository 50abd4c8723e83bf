/// The tensors of an XY-Tokenizer under the names of its original checkpoint.
public enum CodecTensors {
    /// Every tensor that a codec of this configuration has.
    ///
    /// Training's running sums (`cluster_size`, `embed_avg`, `inited`) and the window, which is a Hann window, are not read.
    public static func expected(_ configuration: CodecConfiguration) -> [ExpectedTensor] {
        let mel = configuration.featureExtractor.melBins
        var list = TensorList()
        list.addEncoder("semantic_encoder", configuration.semanticEncoder, mel: mel)
        list.addAdapter("semantic_encoder_adapter", configuration.semanticEncoderAdapter)
        list.addEncoder("acoustic_encoder", configuration.acousticEncoder, mel: mel)
        list.addAdapter("pre_rvq_adapter", configuration.preQuantizerAdapter)
        list.addDownsample(configuration.downsample)
        list.addQuantizer(configuration.quantizer)
        list.addAdapter("post_rvq_adapter", configuration.postQuantizerAdapter)
        list.addUpsample(configuration.upsample)
        list.addDecoder("acoustic_decoder", configuration.acousticDecoder)
        list.addVocoder(configuration.vocoder)
        return list.tensors
    }
}

/// Collects the tensors of one block after another.
private struct TensorList {
    private(set) var tensors: [ExpectedTensor] = []

    private mutating func add(_ name: String, _ shape: Int..., isRequired: Bool = true, holdsNumbers: Bool = true) {
        tensors.append(ExpectedTensor(name, shape, isRequired: isRequired, holdsNumbers: holdsNumbers))
    }

    /// A weight whose first dimension is its outputs, and the bias.
    private mutating func addLinear(_ name: String, _ outputs: Int, _ rest: Int...) {
        tensors.append(ExpectedTensor(name + ".weight", [outputs] + rest))
        add(name + ".bias", outputs)
    }

    private mutating func addNorm(_ name: String, _ width: Int) {
        add(name + ".weight", width)
        add(name + ".bias", width)
    }

    /// The layers and the norm behind them. Keys have no bias.
    private mutating func addTransformer(_ name: String, layers: Int, width: Int, inner: Int) {
        for layer in 0..<layers {
            let prefix = "\(name).layers.\(layer)."
            add(prefix + "self_attn.k_proj.weight", width, width)
            addLinear(prefix + "self_attn.v_proj", width, width)
            addLinear(prefix + "self_attn.q_proj", width, width)
            addLinear(prefix + "self_attn.out_proj", width, width)
            addNorm(prefix + "self_attn_layer_norm", width)
            addLinear(prefix + "fc1", inner, width)
            addLinear(prefix + "fc2", width, inner)
            addNorm(prefix + "final_layer_norm", width)
        }
        addNorm(name + ".layer_norm", width)
    }

    mutating func addEncoder(_ name: String, _ block: CodecConfiguration.Encoder, mel: Int) {
        add(name + ".positional_embedding", block.positions, block.width)
        addLinear(name + ".conv1", block.width, mel, block.kernel)
        addLinear(name + ".conv2", block.width, block.width, block.kernel)
        addTransformer(name, layers: block.layers, width: block.width, inner: block.feedForward)
    }

    /// A transposed convolution's weight has its inputs first, so its bias is as long as the second dimension.
    mutating func addDecoder(_ name: String, _ block: CodecConfiguration.Encoder) {
        add(name + ".positional_embedding", block.positions, block.width)
        add(name + ".deconv1.weight", block.width, block.width, block.kernel)
        add(name + ".deconv1.bias", block.width)
        add(name + ".deconv2.weight", block.width, block.melBins, block.kernel)
        add(name + ".deconv2.bias", block.melBins)
        addTransformer(name, layers: block.layers, width: block.width, inner: block.feedForward)
    }

    mutating func addAdapter(_ name: String, _ block: CodecConfiguration.Adapter) {
        add(name + ".positional_embedding", block.positions, block.width)
        if block.hasInputProjection { addLinear(name + ".proj", block.width, block.inputWidth) }
        addTransformer(name, layers: block.layers, width: block.width, inner: block.feedForward)
        if block.hasOutputProjection { addLinear(name + ".out_proj", block.outputWidth, block.width) }
    }

    mutating func addDownsample(_ block: CodecConfiguration.Downsample) {
        let output = block.width * block.factor
        add("downsample.gate_proj.weight", output, block.width, block.factor)
        add("downsample.up_proj.weight", output, block.width, block.factor)
        add("downsample.down_proj.weight", output, output)
        addNorm("downsample.layer_norm", output)
    }

    mutating func addUpsample(_ block: CodecConfiguration.Upsample) {
        add("upsample.up_conv.weight", block.width * block.stride, block.width, block.stride)
    }

    mutating func addQuantizer(_ block: CodecConfiguration.Quantizer) {
        addNormalized("quantizer.input_proj", outputs: block.width, inputs: block.inputWidth)
        addNormalized("quantizer.output_proj", outputs: block.outputWidth, inputs: block.width)
        for level in 0..<block.codebooks {
            let prefix = "quantizer.quantizers.\(level)."
            add(prefix + "codebook", block.codebookSize, block.width)
            add(prefix + "inited", 1, isRequired: false, holdsNumbers: false)
            add(prefix + "cluster_size", block.codebookSize, isRequired: false)
            add(prefix + "embed_avg", block.codebookSize, block.width, isRequired: false)
        }
    }

    /// A width-1 convolution with weight normalisation: `weight = g · v / ‖v‖`, the norm over all dimensions but the first.
    private mutating func addNormalized(_ name: String, outputs: Int, inputs: Int) {
        add(name + ".bias", outputs)
        add(name + ".weight_g", outputs, 1, 1)
        add(name + ".weight_v", outputs, inputs, 1)
    }

    mutating func addVocoder(_ block: CodecConfiguration.Vocoder) {
        let backbone = "enhanced_vocos.backbone."
        addLinear(backbone + "embed", block.width, block.inputChannels, 7)
        addNorm(backbone + "norm", block.width)
        for layer in 0..<block.layers {
            let prefix = backbone + "convnext.\(layer)."
            add(prefix + "gamma", block.width)
            addLinear(prefix + "dwconv", block.width, 1, 7)
            addNorm(prefix + "norm", block.width)
            addLinear(prefix + "pwconv1", block.innerWidth, block.width)
            addLinear(prefix + "pwconv2", block.width, block.innerWidth)
        }
        addNorm(backbone + "final_layer_norm", block.width)
        addLinear("enhanced_vocos.head.out", block.fourierLength + 2, block.width)
        add("enhanced_vocos.head.istft.window", block.fourierLength, isRequired: false)
    }
}
