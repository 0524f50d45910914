using Kybernet.Api;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Rbac.V1;

namespace Kybernet.ApiServer.Resources.Rbac;

/// <summary>How bindings of roles are shown, whether they are for one namespace or for all.</summary>
internal static class BindingTable
{
    public static TableDefinition RoleBindings { get; } = Of(static item =>
    {
        var binding = item.As<RoleBinding>();
        return new(binding.Metadata, binding.RoleRef, binding.Subjects);
    });

    public static TableDefinition ClusterRoleBindings { get; } = Of(static item =>
    {
        var binding = item.As<ClusterRoleBinding>();
        return new(binding.Metadata, binding.RoleRef, binding.Subjects);
    });

    private static TableDefinition Of(Func<EncodedObject, Row> read) => new TableBuilder<Row>(read, static row => row.Metadata)
        .Name()
        .Text("Role", "The role that is bound.", static row => $"{row.Role.Kind}/{row.Role.Name}")
        .Age()
        .Text("Users", "Users in the binding.", static row => Names(row.Subjects, "User"), wide: true)
        .Text("Groups", "Groups in the binding.", static row => Names(row.Subjects, "Group"), wide: true)
        .Text("ServiceAccounts", "ServiceAccounts in the binding.", static row => Names(row.Subjects, "ServiceAccount"), wide: true)
        .Build();

    private static string Names(IReadOnlyList<Subject> subjects, string kind) => string.Join(", ", subjects
        .Where(subject => subject.Kind == kind)
        .Select(subject => string.IsNullOrEmpty(subject.Namespace) ? subject.Name : $"{subject.Namespace}/{subject.Name}"));

    private sealed record Row(ObjectMeta Metadata, RoleRef Role, IReadOnlyList<Subject> Subjects);
}
