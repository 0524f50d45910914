using System.Text.Json;
using Kybernet.Api;
using Kybernet.Api.Authentication.V1;
using Kybernet.Api.Authorization.V1;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Pipeline;
using Kybernet.ApiServer.Rest;
using UserInfo = Kybernet.ApiServer.Authentication.UserInfo;

namespace Kybernet.ApiServer.Authorization.Reviews;

/// <summary>Answers the kinds that are asked and never stored: access, rules and identity reviews.</summary>
/// <param name="access">Answers whether somebody may do something.</param>
/// <param name="rules">Lists what the asker may do.</param>
/// <param name="identity">Says who somebody is.</param>
internal sealed class ReviewHandler(AccessReviewer access, RulesReviewer rules, IdentityReviewer identity) : ISubresourceHandler
{
    private const string AuthorizationGroup = "authorization.k8s.io";
    private const string AuthenticationGroup = "authentication.k8s.io";

    /// <inheritdoc/>
    public IEnumerable<(GroupResource Resource, string Subresource)> Handles { get; } =
    [
        (new GroupResource(AuthorizationGroup, "selfsubjectaccessreviews"), ""),
        (new GroupResource(AuthorizationGroup, "subjectaccessreviews"), ""),
        (new GroupResource(AuthorizationGroup, "localsubjectaccessreviews"), ""),
        (new GroupResource(AuthorizationGroup, "selfsubjectrulesreviews"), ""),
        (new GroupResource(AuthenticationGroup, "selfsubjectreviews"), ""),
        (new GroupResource(AuthenticationGroup, "tokenreviews"), ""),
    ];

    /// <inheritdoc/>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        if (request.Info.Verb != "create")
        {
            throw ApiError.MethodNotAllowed(new GroupResource(request.Info.ApiGroup, request.Info.Resource), request.Info.Verb);
        }
        if (Projection.Parse(request.Accept) is not ProjectionKind.Whole)
        {
            throw ApiError.NotAcceptable("application/json, application/yaml"); // what is not stored has no table and no metadata
        }
        var user = request.User ?? UserInfo.Anonymous;
        IModel answer = request.Info.Resource switch
        {
            "selfsubjectaccessreviews" => await access.HandleAsync(Read<SelfSubjectAccessReview>(request), user, cancellationToken),
            "subjectaccessreviews" => await access.HandleAsync(Read<SubjectAccessReview>(request), cancellationToken),
            "localsubjectaccessreviews" =>
                await access.HandleAsync(Read<LocalSubjectAccessReview>(request), request.Info.Namespace, cancellationToken),
            "selfsubjectrulesreviews" => rules.Handle(Read<SelfSubjectRulesReview>(request), user),
            "selfsubjectreviews" => identity.Handle(Read<SelfSubjectReview>(request), user),
            _ => await identity.HandleAsync(Read<TokenReview>(request), cancellationToken),
        };
        return BodyResponse.Json(201, answer);
    }

    private static T Read<T>(ApiRequest request)
        where T : class, IKubernetesObject<T>
    {
        try
        {
            return ModelJson.Parse<T>(BodyDecoder.ToJson(request));
        }
        catch (JsonException exception)
        {
            var kind = T.GroupVersionKind;
            throw ApiError.BadRequest($"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: {exception.Message}");
        }
    }
}
