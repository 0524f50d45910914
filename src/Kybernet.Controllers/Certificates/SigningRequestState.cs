using Kybernet.Api.Certificates.V1;

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
