using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authorization.Rbac;

/// <summary>Allows what the roles bound to a user allow.</summary>
/// <param name="index">The roles and bindings.</param>
public sealed class RbacAuthorizer(RbacIndex index) : IAuthorizer
{
    /// <inheritdoc />
    public ValueTask<AuthorizationDecision> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken cancellationToken) =>
        ValueTask.FromResult(index.GrantsOf(user).Decide(request));

    /// <summary>Every rule that holds for the user in a namespace, the cluster-wide ones first.</summary>
    internal IReadOnlyList<PolicyRule> RulesFor(UserInfo user, string @namespace, out IReadOnlyList<string> missing)
    {
        var rules = new List<PolicyRule>();
        var absent = new List<string>();
        foreach (var grant in index.GrantsOf(user).In(@namespace))
        {
            rules.AddRange(grant.Rules);
            if (grant.Missing.Length > 0)
            {
                absent.Add(grant.Missing);
            }
        }
        missing = absent;
        return rules;
    }
}
