using System.Text.Json.Nodes;
using Kybernet.Api;
using Kybernet.Api.Certificates.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Extensions;

/// <summary>CertificateSigningRequests: who asks is who is authenticated, and only approval and signing change them.</summary>
internal sealed class SigningRequestStrategy : DefaultStrategy
{
    public override IReadOnlyList<string> SelectableFields { get; } = ["spec.signerName"];

    public override bool HasGeneration => false;

    public override TableDefinition Table => ExtensionTables.SigningRequests;

    /// <summary>A request is made in the name of its maker, whatever it says.</summary>
    public override void PrepareForCreate(JsonObject item, WriteContext context)
    {
        var spec = item.EnsureObject("spec");
        foreach (var field in (ReadOnlySpan<string>)["uid", "groups", "extra"])
        {
            spec.Remove(field);
        }
        spec["username"] = JsonValue.Create(context.UserName);
    }

    public override void PrepareForUpdate(JsonObject item, JsonObject previous, WriteContext context) => item.Restore(previous, "spec");

    /// <summary>Approval changes the conditions; the certificate is the signer's.</summary>
    public override void PrepareForSubresourceUpdate(string subresource, JsonObject item, JsonObject previous, WriteContext context)
    {
        var conditions = item.Object("status")?["conditions"]?.DeepClone();
        item.Restore(previous, "spec");
        item.Restore(previous, "status");
        item.EnsureObject("status")["conditions"] = conditions;
    }

    public override void ValidateCreate(EncodedObject item, FieldErrors errors)
    {
        var spec = item.As<CertificateSigningRequest>().Spec;
        var path = FieldPath.Of("spec");
        if (spec.Usages.Count == 0)
        {
            errors.Required(path.Child("usages"));
        }
        if (spec.Request.IsEmpty)
        {
            errors.Required(path.Child("request"));
        }
        if (errors.Needs(spec.SignerName, path, "signerName") && !spec.SignerName.Contains('/'))
        {
            errors.Invalid(path.Child("signerName"), spec.SignerName, "must be a fully qualified domain and path of the form 'example.com/signer-name'");
        }
        if (spec.ExpirationSeconds is < 600)
        {
            errors.Invalid(path.Child("expirationSeconds"), spec.ExpirationSeconds, "may not specify a duration less than 600 seconds (10 minutes)");
        }
    }

    public override string? SelectableField(EncodedObject item, string field) =>
        field == "spec.signerName" ? item.As<CertificateSigningRequest>().Spec.SignerName : null;
}
