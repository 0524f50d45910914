using System.Text.Json;
using Kybernet.Api;
using Kybernet.Api.Authentication.V1;
using Kybernet.Api.Core.V1;
using Kybernet.Api.Json;
using Kybernet.ApiServer.Admission;
using Kybernet.ApiServer.Authentication.Tokens;
using Kybernet.ApiServer.Pipeline;

namespace Kybernet.ApiServer.Rest.Subresources;

/// <summary>Issues ServiceAccount tokens: <c>serviceaccounts/token</c>.</summary>
internal sealed class TokenHandler(TokenRequestHandler issuer, ObjectStorage storage, AdmissionChain admission) : ISubresourceHandler
{
    /// <inheritdoc/>
    public IEnumerable<(GroupResource Resource, string Subresource)> Handles { get; } = [(new GroupResource("", "serviceaccounts"), "token")];

    /// <inheritdoc/>
    public async ValueTask<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        await storage.CatchUpAsync(cancellationToken);
        try
        {
            var asked = ModelJson.Parse<TokenRequest>(BodyDecoder.ToJson(request));
            var write = new AdmissionRequest(
                AdmissionOperation.Create,
                ServiceAccount.Resource,
                TokenRequest.GroupVersionKind,
                "token",
                request.Info.Namespace,
                request.Info.Name,
                request.User!)
            {
                Object = ModelJson.ToTree(asked),
            };
            await admission.ValidateAsync(write, cancellationToken);
            return BodyResponse.Json(201, issuer.Handle(request.Info.Namespace, request.Info.Name, asked));
        }
        catch (JsonException exception)
        {
            throw ApiError.BadRequest($"TokenRequest in version \"v1\" cannot be handled as a TokenRequest: {exception.Message}");
        }
    }
}
