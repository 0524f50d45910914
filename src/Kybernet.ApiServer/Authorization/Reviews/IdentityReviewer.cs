using Kybernet.Api.Authentication.V1;
using Kybernet.Api.Meta.V1;
using Kybernet.ApiServer.Authentication;
using Kybernet.ApiServer.Pipeline;
using UserInfo = Kybernet.ApiServer.Authentication.UserInfo;
using UserInfoModel = Kybernet.Api.Authentication.V1.UserInfo;

namespace Kybernet.ApiServer.Authorization.Reviews;

/// <summary>Says who somebody is: the asker (SelfSubjectReview), or whom a token stands for (TokenReview).</summary>
/// <param name="tokens">The kinds of token.</param>
/// <param name="apiAudiences">What a token has to be meant for, where a review does not say.</param>
/// <param name="time">The clock.</param>
public sealed class IdentityReviewer(BearerAuthenticator tokens, IReadOnlyList<string> apiAudiences, TimeProvider time)
{
    /// <summary>Who the asker is.</summary>
    public SelfSubjectReview Handle(SelfSubjectReview review, UserInfo user) => review with
    {
        Metadata = new ObjectMeta { CreationTimestamp = time.GetUtcNow() },
        Status = new SelfSubjectReviewStatus { UserInfo = ModelOf(user) },
    };

    /// <summary>Whom a token stands for.</summary>
    /// <exception cref="ApiError">The review has no token.</exception>
    public async Task<TokenReview> HandleAsync(TokenReview review, CancellationToken cancellationToken)
    {
        if (review.Spec.Token.Length == 0)
        {
            throw ApiError.BadRequest("token is required for TokenReview in authentication");
        }
        return review with { Status = await StatusOfAsync(review.Spec, cancellationToken) };
    }

    private async Task<TokenReviewStatus> StatusOfAsync(TokenReviewSpec spec, CancellationToken cancellationToken)
    {
        try
        {
            if (await tokens.IdentifyAsync(spec.Token, spec.Audiences, cancellationToken) is not { } identity)
            {
                return new TokenReviewStatus();
            }
            return new TokenReviewStatus
            {
                Authenticated = true,
                User = ModelOf(WithAuthenticated(identity.User)),
                Audiences = identity.Audiences.Count > 0 ? identity.Audiences : spec.Audiences.Count > 0 ? [] : apiAudiences,
            };
        }
        catch (ApiError error) when (error.Code == 401)
        {
            return new TokenReviewStatus { Error = "invalid bearer token" };
        }
    }

    private static UserInfo WithAuthenticated(UserInfo user) => user.Groups.Contains(WellKnownGroups.Authenticated)
        ? user
        : user with { Groups = [.. user.Groups, WellKnownGroups.Authenticated] };

    private static UserInfoModel ModelOf(UserInfo user) => new()
    {
        Username = user.Name,
        Uid = user.Uid.Length == 0 ? null : user.Uid,
        Groups = user.Groups,
        Extra = user.Extra,
    };
}
