using Kybernet.ApiServer.Authentication;

namespace Kybernet.ApiServer.Authorization.Node;

/// <summary>Which node a user is the kubelet of.</summary>
internal static class NodeIdentity
{
    /// <summary>Whether the user is a kubelet at all.</summary>
    /// <param name="user">The user.</param>
    /// <param name="node">The node's name; empty where the user belongs to the nodes' group and does not say which it is.</param>
    public static bool IsNode(UserInfo user, out string node)
    {
        node = "";
        if (!user.Groups.Contains(WellKnownGroups.Nodes))
        {
            return false;
        }
        if (user.Name.StartsWith(WellKnownGroups.NodeUserPrefix, StringComparison.Ordinal))
        {
            node = user.Name[WellKnownGroups.NodeUserPrefix.Length..];
        }
        return true;
    }
}
