using Kybernet.Api.Authorization.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.Api.Rbac.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Authorization.Node;
using Kybernet.ApiServer.Authorization.Rbac;
using Kybernet.ApiServer.Pipeline;
using NonResourceRule = Kybernet.Api.Authorization.V1.NonResourceRule;
using ResourceRule = Kybernet.Api.Authorization.V1.ResourceRule;

namespace Kybernet.ApiServer.Authorization.Reviews;

/// <summary>Lists what the asker may do in a namespace: SelfSubjectRulesReview, which <c>kubectl auth can-i --list</c> prints.</summary>
/// <param name="rbac">The rules.</param>
public sealed class RulesReviewer(RbacAuthorizer rbac)
{
    /// <summary>Lists the rules.</summary>
    /// <exception cref="ApiError">The review names no namespace.</exception>
    public SelfSubjectRulesReview Handle(SelfSubjectRulesReview review, UserInfo user)
    {
        if (string.IsNullOrEmpty(review.Spec.Namespace))
        {
            throw ApiError.BadRequest("no namespace on request");
        }
        var resources = new List<ResourceRule>();
        var paths = new List<NonResourceRule>();
        var rules = rbac.RulesFor(user, review.Spec.Namespace, out var missing);
        foreach (var rule in rules)
        {
            Add(rule, resources, paths);
        }
        var problems = new List<string>(missing);
        if (NodeIdentity.IsNode(user, out _))
        {
            problems.Insert(0, "node authorizer does not support user rule resolution");
        }
        return review with
        {
            Metadata = new ObjectMeta(),
            Status = new SubjectRulesReviewStatus
            {
                ResourceRules = resources,
                NonResourceRules = paths,
                Incomplete = problems.Count > 0,
                EvaluationError = problems.Count == 0 ? null : string.Join(", ", problems),
            },
        };
    }

    private static void Add(PolicyRule rule, List<ResourceRule> resources, List<NonResourceRule> paths)
    {
        if (rule.Resources.Count > 0)
        {
            resources.Add(new ResourceRule
            {
                Verbs = rule.Verbs,
                ApiGroups = rule.ApiGroups,
                Resources = rule.Resources,
                ResourceNames = rule.ResourceNames,
            });
        }
        if (rule.NonResourceURLs.Count > 0)
        {
            paths.Add(new NonResourceRule { Verbs = rule.Verbs, NonResourceURLs = rule.NonResourceURLs });
        }
    }
}
