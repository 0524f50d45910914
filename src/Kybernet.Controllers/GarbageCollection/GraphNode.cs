using Kybernet.Api.Meta.V1;

namespace Kybernet.Controllers.GarbageCollection;

/// <summary>An object in the graph of owners; changed only by <see cref="OwnerGraph"/>, under its lock.</summary>
internal sealed class GraphNode(ObjectIdentity identity)
{
    public ObjectIdentity Identity { get; set; } = identity;

    /// <summary>Whether it is known from the references of others only.</summary>
    public bool IsVirtual { get; set; } = true;

    public IReadOnlyList<OwnerReference> Owners { get; set; } = [];

    public HashSet<GraphNode> Dependents { get; } = [];

    public bool IsDeleting { get; set; }

    /// <summary>Whether it waits for its dependents to go first.</summary>
    public bool IsDeletingDependents { get; set; }

    /// <summary>Whether it waits for its dependents to forget it.</summary>
    public bool IsOrphaning { get; set; }
}

/// <summary>A node as it was at one moment.</summary>
internal sealed record GraphEntry(ObjectIdentity Identity, bool IsVirtual, bool IsDeleting, bool IsDeletingDependents, bool IsOrphaning);
