using Kybernet.Api.Core.V1;

namespace Kybernet.Scheduler.Model;

/// <summary>Compiles API objects to what the scheduler computes with; owns the tables of one scheduler. Safe to share.</summary>
internal sealed class FactsCompiler
{
    /// <summary>Labels, taints, node names, addresses.</summary>
    public Interner Names { get; } = new();

    /// <summary>Images, densely numbered, so that what is known of each is an array.</summary>
    public Interner Images { get; } = new();

    /// <summary>Resources that are not built in.</summary>
    public ScalarResources Scalars { get; } = new();

    public PodFacts Compile(Pod pod) => new(pod, Names, Images, Scalars);

    public NodeFacts Compile(Node node) => new(node, Names, Images, Scalars);
}
