using Kybernet.Api.Authentication.V1;
using Kybernet.Api.Authorization.V1;
using Kybernet.Client;

namespace Kybernet.Kubelet.Server.Access;

/// <summary>Asks the API server whether a caller may do something with this node, and remembers what it says as long as upstream does.</summary>
internal sealed class CallerAuthorizer(ApiClient client, KubeletOptions options, TimeProvider time)
{
    private static readonly TimeSpan AllowedFreshness = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DeniedFreshness = TimeSpan.FromSeconds(30);

    private readonly ExpiringCache<(string User, string Groups, string Verb, string Subresource), bool> _answers = new(time);

    /// <exception cref="ApiException">The API server does not answer the question.</exception>
    /// <exception cref="ApiUnavailableException">It cannot be asked.</exception>
    public async Task<bool> IsAllowedAsync(UserInfo user, RequestAttributes request, CancellationToken cancellationToken)
    {
        if (options.AllowAllCallers)
        {
            return true;
        }
        foreach (var subresource in request.Subresources)
        {
            if (await IsAllowedAsync(user, request.Verb, subresource, cancellationToken))
            {
                return true;
            }
        }
        return false;
    }

    private async Task<bool> IsAllowedAsync(UserInfo user, string verb, string subresource, CancellationToken cancellationToken)
    {
        var key = (user.Username ?? "", string.Join('\n', user.Groups), verb, subresource);
        if (_answers.TryGet(key, out var known))
        {
            return known;
        }
        var review = await client.CreateAsync(
            new SubjectAccessReview
            {
                Spec = new SubjectAccessReviewSpec
                {
                    User = user.Username,
                    Uid = user.Uid,
                    Groups = user.Groups,
                    Extra = user.Extra,
                    ResourceAttributes = new ResourceAttributes { Verb = verb, Version = "v1", Resource = "nodes", Subresource = subresource, Name = options.NodeName },
                },
            },
            cancellationToken);
        _answers.Set(key, review.Status.Allowed, review.Status.Allowed ? AllowedFreshness : DeniedFreshness);
        return review.Status.Allowed;
    }
}
