using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Rbac.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Rbac;

/// <summary>What holds for all kinds of RBAC: names may hold colons and more, as long as a path can hold them.</summary>
internal abstract class RbacStrategy : DefaultStrategy
{
    protected const string ApiGroup = "rbac.authorization.k8s.io";

    public override bool AllowsCreateOnUpdate => true;

    public override bool HasGeneration => false;

    public override string? ValidateName(string name) => First(NameRules.PathSegment(name));

    /// <summary>Who is named without a group is of RBAC's, save for service accounts.</summary>
    protected static void DefaultSubjects(JsonObject item)
    {
        item.Object("roleRef")?.Fill("apiGroup", ApiGroup);
        foreach (var subject in item.Objects("subjects"))
        {
            if (subject.Text("kind") is "User" or "Group")
            {
                subject.Fill("apiGroup", ApiGroup);
            }
        }
    }
}

/// <summary>Roles.</summary>
internal sealed class RoleStrategy : RbacStrategy
{
    public override void ValidateCreate(EncodedObject item, FieldErrors errors) => RbacRules.Rules(item.As<Role>().Rules, isNamespaced: true, errors);

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) => ValidateCreate(item, errors);
}

/// <summary>ClusterRoles, which may gather the rules of others.</summary>
internal sealed class ClusterRoleStrategy : RbacStrategy
{
    public override void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
        var role = item.As<ClusterRole>();
        RbacRules.Rules(role.Rules, isNamespaced: false, errors);
        if (role.AggregationRule is not { } aggregation)
        {
            return;
        }
        var path = FieldPath.Of("aggregationRule").Child("clusterRoleSelectors");
        if (aggregation.ClusterRoleSelectors.Count == 0)
        {
            errors.Required(path, "at least one clusterRoleSelector required if aggregationRule is non-nil");
        }
        for (var i = 0; i < aggregation.ClusterRoleSelectors.Count; i++)
        {
            LabelRules.ValidateSelector(aggregation.ClusterRoleSelectors[i], path.Index(i), errors);
        }
    }

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors) => ValidateCreate(item, errors);
}

/// <summary>RoleBindings.</summary>
internal sealed class RoleBindingStrategy : RbacStrategy
{
    public override TableDefinition Table => BindingTable.RoleBindings;

    public override void Default(JsonObject item)
    {
        DefaultSubjects(item);
        var space = item.Object("metadata")?.Text("namespace");
        foreach (var subject in item.Objects("subjects"))
        {
            if (space is not null && subject.Text("kind") == "ServiceAccount")
            {
                subject.Fill("namespace", space);
            }
        }
    }

    public override void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
        var binding = item.As<RoleBinding>();
        RbacRules.RoleRef(binding.RoleRef, isNamespaced: true, errors);
        RbacRules.Subjects(binding.Subjects, isNamespaced: true, errors);
    }

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        ValidateCreate(item, errors);
        RbacRules.SameRoleRef(item.As<RoleBinding>().RoleRef, previous.As<RoleBinding>().RoleRef, errors);
    }
}

/// <summary>ClusterRoleBindings.</summary>
internal sealed class ClusterRoleBindingStrategy : RbacStrategy
{
    public override TableDefinition Table => BindingTable.ClusterRoleBindings;

    public override void Default(JsonObject item) => DefaultSubjects(item);

    public override void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
        var binding = item.As<ClusterRoleBinding>();
        RbacRules.RoleRef(binding.RoleRef, isNamespaced: false, errors);
        RbacRules.Subjects(binding.Subjects, isNamespaced: false, errors);
    }

    public override void ValidateUpdate(EncodedObject item, EncodedObject previous, FieldErrors errors)
    {
        ValidateCreate(item, errors);
        RbacRules.SameRoleRef(item.As<ClusterRoleBinding>().RoleRef, previous.As<ClusterRoleBinding>().RoleRef, errors);
    }
}
