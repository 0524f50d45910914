using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Authorization;

/// <summary>Asks authorisers in turn: the first that allows decides; where none does, the request is refused and each reason is told.</summary>
/// <param name="authorizers">In the order to ask them.</param>
public sealed class UnionAuthorizer(IReadOnlyList<IAuthorizer> authorizers) : IAuthorizer
{
    /// <inheritdoc />
    public async ValueTask<AuthorizationDecision> AuthorizeAsync(UserInfo user, RequestInfo request, CancellationToken cancellationToken)
    {
        List<string>? reasons = null;
        foreach (var authorizer in authorizers)
        {
            var decision = await authorizer.AuthorizeAsync(user, request, cancellationToken);
            if (decision.Allowed)
            {
                return decision;
            }
            if (decision.Reason.Length > 0)
            {
                (reasons ??= []).Add(decision.Reason);
            }
        }
        return new AuthorizationDecision(false, reasons is null ? "" : string.Join('\n', reasons));
    }
}
