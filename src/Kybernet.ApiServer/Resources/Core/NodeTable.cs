using Kybernet.Api.Core.V1;

namespace Kybernet.ApiServer.Resources.Core;

/// <summary>How nodes are shown.</summary>
internal static class NodeTable
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    public static TableDefinition Definition { get; } = TableBuilder.For<Node>()
        .Name()
        .Text("Status", "The status of the node", Status)
        .Text("Roles", "The roles of the node", Roles)
        .Age()
        .Text("Version", "The version of the node's kubelet.", static item => item.Status.NodeInfo?.KubeletVersion)
        .Text("Internal-IP", "The node's address inside the cluster.", static item => Address(item, "InternalIP"), wide: true)
        .Text("External-IP", "The node's address outside the cluster.", static item => Address(item, "ExternalIP"), wide: true)
        .Text("OS-Image", "The operating system.", static item => OrUnknown(item.Status.NodeInfo?.OsImage), wide: true)
        .Text("Kernel-Version", "The kernel.", static item => OrUnknown(item.Status.NodeInfo?.KernelVersion), wide: true)
        .Text("Container-Runtime", "The container runtime.", static item => OrUnknown(item.Status.NodeInfo?.ContainerRuntimeVersion), wide: true)
        .Build();

    private static string Status(Node node)
    {
        var ready = node.Status.Conditions.FirstOrDefault(condition => condition.Type == "Ready");
        var status = ready is null ? "Unknown" : ready.Status == "True" ? "Ready" : "NotReady";
        return node.Spec.Unschedulable == true ? status + ",SchedulingDisabled" : status;
    }

    private static string Roles(Node node)
    {
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in node.Metadata.Labels)
        {
            if (key.StartsWith(RolePrefix, StringComparison.Ordinal) && key.Length > RolePrefix.Length)
            {
                roles.Add(key[RolePrefix.Length..]);
            }
            else if (key == "kubernetes.io/role" && value.Length > 0)
            {
                roles.Add(value);
            }
        }
        return roles.Count == 0 ? "<none>" : string.Join(",", roles);
    }

    private static string Address(Node node, string type) =>
        node.Status.Addresses.FirstOrDefault(address => address.Type == type)?.Address ?? "<none>";

    private static string OrUnknown(string? text) => string.IsNullOrEmpty(text) ? "<unknown>" : text;
}
