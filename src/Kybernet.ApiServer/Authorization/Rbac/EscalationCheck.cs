using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Json;
using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Admission;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authorization.Rbac;

/// <summary>
/// Nobody gives away what they do not hold: roles are checked when they are written, and bindings against the role that they name, unless the writer
/// may <c>escalate</c> or <c>bind</c>.
/// </summary>
/// <param name="index">The roles as they are.</param>
/// <param name="rbac">Says what the writer holds.</param>
/// <param name="authorizer">Says whether the writer may escalate or bind; all authorisers together.</param>
public sealed class EscalationCheck(RbacIndex index, RbacAuthorizer rbac, IAuthorizer authorizer) : IAdmissionPlugin
{
    private static readonly PolicyRule[] FullAuthority =
    [
        new() { Verbs = ["*"], ApiGroups = ["*"], Resources = ["*"] },
        new() { Verbs = ["*"], NonResourceURLs = ["*"] },
    ];

    /// <inheritdoc />
    public bool Handles(AdmissionOperation operation, GroupVersionResource resource, string subresource) =>
        resource.Group == RbacResources.Group && subresource.Length == 0 && (operation is AdmissionOperation.Create or AdmissionOperation.Update);

    /// <inheritdoc />
    public ValueTask MutateAsync(AdmissionRequest request, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <inheritdoc />
    public ValueTask ValidateAsync(AdmissionRequest request, CancellationToken cancellationToken)
    {
        if (request.Object is not { } item || SuperuserAuthorizer.IsSuperuser(request.User))
        {
            return ValueTask.CompletedTask;
        }
        return request.Resource.Resource switch
        {
            "clusterroles" => CheckClusterRoleAsync(request, ModelJson.Parse<ClusterRole>(item), request.Previous?.As<ClusterRole>(), cancellationToken),
            "roles" => CheckRoleAsync(request, ModelJson.Parse<Role>(item), request.Previous?.As<Role>(), cancellationToken),
            "clusterrolebindings" => CheckBindingAsync(request, item, request.Previous?.As<ClusterRoleBinding>(), cancellationToken),
            "rolebindings" => CheckBindingAsync(request, item, request.Previous?.As<RoleBinding>(), cancellationToken),
            _ => ValueTask.CompletedTask,
        };
    }

    private async ValueTask CheckClusterRoleAsync(AdmissionRequest request, ClusterRole role, ClusterRole? previous, CancellationToken cancellationToken)
    {
        var sameRules = previous is not null && RoleAggregation.Same(previous.Rules, role.Rules);
        var sameAggregation = previous is null ? role.AggregationRule is null : ModelJson.Same(previous.AggregationRule, role.AggregationRule);
        if ((sameRules && sameAggregation) || await MayAsync(request, "escalate", request.Resource.Resource, request.Name, cancellationToken))
        {
            return;
        }
        if (role.AggregationRule is not null && RuleCover.Missing(rbac.RulesFor(request.User, "", out _), FullAuthority).Count > 0)
        {
            throw Refuse(request, "must have cluster-admin privileges to use the aggregationRule");
        }
        RequireHeld(request, role.Rules);
    }

    private async ValueTask CheckRoleAsync(AdmissionRequest request, Role role, Role? previous, CancellationToken cancellationToken)
    {
        var isSame = previous is not null && RoleAggregation.Same(previous.Rules, role.Rules);
        if (!isSame && !await MayAsync(request, "escalate", request.Resource.Resource, request.Name, cancellationToken))
        {
            RequireHeld(request, role.Rules);
        }
    }

    private async ValueTask CheckBindingAsync(AdmissionRequest request, JsonObject item, IModel? previous, CancellationToken cancellationToken)
    {
        // Both kinds of binding have the same fields; the one with a namespace can name either kind of role.
        var binding = ModelJson.Parse<RoleBinding>(item);
        if (previous is not null && SameGrant(binding, ModelJson.Parse<RoleBinding>(ModelJson.ToUtf8(previous))))
        {
            return;
        }
        var roles = binding.RoleRef.Kind == "Role" ? "roles" : "clusterroles";
        if (await MayAsync(request, "bind", roles, binding.RoleRef.Name, cancellationToken))
        {
            return;
        }
        var rules = index.RulesOf(binding.RoleRef, request.Namespace)
            ?? throw ApiError.NotFound(new GroupResource(RbacResources.Group, roles == "roles" ? "role" : "clusterrole"), binding.RoleRef.Name);
        RequireHeld(request, rules);
    }

    private static bool SameGrant(RoleBinding left, RoleBinding right) =>
        ModelJson.Same(left.RoleRef, right.RoleRef) && left.Subjects.Count == right.Subjects.Count
        && left.Subjects.Zip(right.Subjects).All(pair => ModelJson.Same(pair.First, pair.Second));

    private async ValueTask<bool> MayAsync(AdmissionRequest request, string verb, string resource, string name, CancellationToken cancellationToken)
    {
        var question = new RequestInfo(true, verb, "", RbacResources.Group, request.Resource.Version, request.Namespace, resource, "", name);
        return (await authorizer.AuthorizeAsync(request.User, question, cancellationToken)).Allowed;
    }

    private void RequireHeld(AdmissionRequest request, IReadOnlyList<PolicyRule> rules)
    {
        var missing = RuleCover.Missing(rbac.RulesFor(request.User, request.Namespace, out var absent), rules);
        if (missing.Count == 0)
        {
            return;
        }
        var user = request.User;
        var list = string.Join('\n', missing.Select(RuleCover.Describe).Order(StringComparer.Ordinal).Distinct());
        var errors = absent.Count == 0 ? "" : $"; resolution errors: [{string.Join(", ", absent)}]";
        throw Refuse(
            request,
            $"user {GoText.Quote(user.Name)} (groups={GoText.Quote(user.Groups)}) is attempting to grant RBAC permissions not currently held:\n{list}{errors}");
    }

    private static ApiError Refuse(AdmissionRequest request, string why) => ApiError.Forbidden(request.Resource.GroupResource, request.Name, why);
}
