using Kybernet.Api;

namespace Kybernet.ApiServer.Authorization;

/// <summary>The resources that authentication and authorisation look at.</summary>
internal static class RbacResources
{
    public const string Group = "rbac.authorization.k8s.io";

    public static readonly GroupResource Roles = new(Group, "roles");
    public static readonly GroupResource RoleBindings = new(Group, "rolebindings");
    public static readonly GroupResource ClusterRoles = new(Group, "clusterroles");
    public static readonly GroupResource ClusterRoleBindings = new(Group, "clusterrolebindings");
    public static readonly GroupResource Pods = new("", "pods");
    public static readonly GroupResource Nodes = new("", "nodes");
    public static readonly GroupResource Secrets = new("", "secrets");
    public static readonly GroupResource ServiceAccounts = new("", "serviceaccounts");
    public static readonly GroupResource PersistentVolumes = new("", "persistentvolumes");
    public static readonly GroupResource VolumeAttachments = new("storage.k8s.io", "volumeattachments");
}
