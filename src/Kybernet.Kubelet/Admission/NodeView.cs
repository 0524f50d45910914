using Kybernet.Api;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Client;
using Kybernet.Kubelet.Nodes;

namespace Kybernet.Kubelet.Admission;

/// <summary>The Node as pods are measured against it: as the API server has it, or, before that is known, as it will be registered.</summary>
internal sealed class NodeView(ILister<Node> nodes, NodeStatusBuilder builder, KubeletOptions options)
{
    public Node Current => nodes.Get(new NamespacedName("", options.NodeName)) is { Status.Allocatable.Count: > 0 } node ? node : new Node
    {
        Metadata = new ObjectMeta { Name = options.NodeName, Labels = builder.Labels() },
        Status = new NodeStatus { Allocatable = builder.Allocatable() },
    };
}
