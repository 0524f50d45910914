using Kybernet.Api.Certificates.V1;
using Kybernet.Api.Json;
using Kybernet.Client;

namespace Kybernet.Controllers.Certificates;

/// <summary>How far a CertificateSigningRequest has come.</summary>
internal static class SigningRequestState
{
    public const string Approved = "Approved";
    public const string Denied = "Denied";
    public const string Failed = "Failed";

    public static bool Is(this CertificateSigningRequest request, string condition) =>
        request.Status.Conditions.Any(candidate => candidate.Type == condition);

    /// <summary>Whether it has its certificate.</summary>
    public static bool IsIssued(this CertificateSigningRequest request) => request.Status.Certificate is { IsEmpty: false };

    /// <summary>Whether it has its certificate, or is approved or denied.</summary>
    public static bool IsDecided(this CertificateSigningRequest request) => request.IsIssued() || request.Is(Approved) || request.Is(Denied);

    /// <summary>Approves a request, unless it has changed since it was read.</summary>
    public static Task ApproveAsync(
        this ApiClient client, CertificateSigningRequest request, string message, DateTimeOffset now, CancellationToken cancellationToken) =>
        client.SendAsync<CertificateSigningRequest>(
            new ApiCall(HttpMethod.Put, ResourcePath.Of<CertificateSigningRequest>("", request.Metadata.Name!, "approval"))
            {
                Body = ModelJson.ToUtf8(request.With(Approved, "AutoApproved", message, now)),
            },
            cancellationToken);

    /// <summary>The request with one more condition.</summary>
    public static CertificateSigningRequest With(
        this CertificateSigningRequest request, string condition, string reason, string message, DateTimeOffset now) => request with
    {
        Status = request.Status with
        {
            Conditions =
            [
                .. request.Status.Conditions,
                new CertificateSigningRequestCondition
                {
                    Type = condition, Status = "True", Reason = reason, Message = message, LastUpdateTime = now, LastTransitionTime = now,
                },
            ],
        },
    };
}
