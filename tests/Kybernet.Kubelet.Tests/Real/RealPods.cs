namespace Kybernet.Kubelet.Tests.Real;

/// <summary>Tests that run pods come one after another: a kubelet ends what it finds in its runtime and does not know.</summary>
[CollectionDefinition("real pods", DisableParallelization = true)]
public sealed class RealPods;
