using Kybernet.Api.Core.V1;
using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Core.Validation;

/// <summary>Volumes that put several sources into one directory, and the downward API's files.</summary>
internal static class ProjectedVolumeValidation
{
    private const long MinTokenSeconds = 600;
    private const long MaxTokenSeconds = 1L << 32;

    /// <summary>The key types that a pod certificate can have.</summary>
    private static readonly string[] KeyTypes = ["ECDSAP256", "ECDSAP384", "ECDSAP521", "ED25519", "RSA3072", "RSA4096"];

    /// <summary>Says what is wrong with a projected volume.</summary>
    public static void Validate(ProjectedVolumeSource projected, FieldPath path, FieldErrors errors)
    {
        PathRules.Mode(projected.DefaultMode, path, "defaultMode", errors);
        var paths = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < projected.Sources.Count; i++)
        {
            var count = ValidateSource(projected.Sources[i], path, path.Child("sources").Index(i), paths, errors);
            if (count > 1)
            {
                errors.Forbidden(path.Child("sources").Index(i), "may not specify more than 1 volume type per source");
            }
        }
    }

    /// <summary>Says what is wrong with a downward API volume.</summary>
    public static void DownwardApi(DownwardAPIVolumeSource downward, FieldPath path, FieldErrors errors)
    {
        PathRules.Mode(downward.DefaultMode, path, "defaultMode", errors);
        foreach (var file in downward.Items)
        {
            DownwardFile(file, path, errors);
        }
    }

    private static int ValidateSource(VolumeProjection source, FieldPath volume, FieldPath path, HashSet<string> paths, FieldErrors errors)
    {
        var count = 0;
        if (source.Secret is { } secret)
        {
            count++;
            errors.Needs(secret.Name, path.Child("secret"), "name");
            Items(secret.Items, secret.Name, volume, path.Child("secret"), paths, errors);
        }
        if (source.ConfigMap is { } configMap)
        {
            count++;
            errors.Needs(configMap.Name, path.Child("configMap"), "name");
            Items(configMap.Items, configMap.Name, volume, path.Child("configMap"), paths, errors);
        }
        if (source.DownwardAPI is { } downward)
        {
            count++;
            foreach (var file in downward.Items)
            {
                DownwardFile(file, path.Child("downwardAPI"), errors);
                Claim(file.Path, file.Path, volume, paths, errors);
            }
        }
        if (source.ServiceAccountToken is { } token)
        {
            count++;
            Token(token, volume, path.Child("serviceAccountToken"), errors);
        }
        if (source.ClusterTrustBundle is { } bundle)
        {
            count++;
            TrustBundle(bundle, path.Child("clusterTrustBundle"), errors);
            Claim(bundle.Path, bundle.Path, volume, paths, errors);
        }
        if (source.PodCertificate is { } certificate)
        {
            count++;
            Certificate(certificate, volume, path.Child("podCertificate"), paths, errors);
        }
        return count;
    }

    private static void Items(
        IReadOnlyList<KeyToPath> items, string? name, FieldPath volume, FieldPath path, HashSet<string> paths, FieldErrors errors)
    {
        for (var i = 0; i < items.Count; i++)
        {
            VolumeValidation.KeyToPath(items[i], path.Child("items").Index(i), errors);
            Claim(items[i].Path, name ?? "", volume, paths, errors);
        }
    }

    private static void Token(ServiceAccountTokenProjection token, FieldPath volume, FieldPath path, FieldErrors errors)
    {
        // An absent lifetime is defaulted before this runs.
        if (token.ExpirationSeconds < MinTokenSeconds)
        {
            errors.Invalid(path.Child("expirationSeconds"), token.ExpirationSeconds, "may not specify a duration less than 10 minutes");
        }
        if (token.ExpirationSeconds > MaxTokenSeconds)
        {
            errors.Invalid(path.Child("expirationSeconds"), token.ExpirationSeconds, "may not specify a duration larger than 2^32 seconds");
        }
        if (errors.Needs(token.Path, volume, "path"))
        {
            PathRules.NonReserved(token.Path, volume.Child("path"), errors);
        }
    }

    private static void TrustBundle(ClusterTrustBundleProjection bundle, FieldPath path, FieldErrors errors)
    {
        switch (bundle)
        {
            case { Name: not null, SignerName: not null }:
                errors.Invalid(path, bundle, "only one of name and signerName may be used");
                break;
            case { Name: "" }:
                errors.Required(path.Child("name"), "must be a valid object name");
                break;
            case { Name: not null, LabelSelector: not null }:
                errors.Invalid(path.Child("labelSelector"), bundle.LabelSelector, "labelSelector must be unset if name is specified");
                break;
            case { SignerName: "" }:
                errors.Required(path.Child("signerName"), "must be a valid signer name");
                break;
            case { SignerName: not null }:
                LabelRules.ValidateSelector(bundle.LabelSelector, path.Child("labelSelector"), errors);
                break;
            case { Name: null }:
                errors.Required(path, "either name or signerName must be specified");
                break;
        }
        errors.Needs(bundle.Path, path, "path");
        PathRules.NonReserved(bundle.Path, path.Child("path"), errors);
    }

    private static void Certificate(
        PodCertificateProjection certificate, FieldPath volume, FieldPath path, HashSet<string> paths, FieldErrors errors)
    {
        errors.Needs(certificate.SignerName, path, "signerName");
        if (Array.IndexOf(KeyTypes, certificate.KeyType) < 0)
        {
            errors.NotSupported(path.Child("keyType"), certificate.KeyType, KeyTypes);
        }
        if (certificate.MaxExpirationSeconds is < 3600)
        {
            errors.Invalid(path.Child("maxExpirationSeconds"), certificate.MaxExpirationSeconds, "if provided, maxExpirationSeconds must be >= 3600");
        }
        foreach (var (file, field) in new[]
        {
            (certificate.CredentialBundlePath, "credentialBundlePath"),
            (certificate.KeyPath, "keyPath"),
            (certificate.CertificateChainPath, "certificateChainPath"),
        })
        {
            if (string.IsNullOrEmpty(file))
            {
                continue;
            }
            PathRules.NonReserved(file, path.Child(field), errors);
            Claim(file, file, volume, paths, errors);
        }
    }

    private static void DownwardFile(DownwardAPIVolumeFile file, FieldPath path, FieldErrors errors)
    {
        errors.Needs(file.Path, path, "path");
        PathRules.NonReserved(file.Path, path.Child("path"), errors);
        if (file.FieldRef is { } field)
        {
            DownwardReferences.Field(field, DownwardReferences.VolumeFields, path.Child("fieldRef"), errors);
            if (file.ResourceFieldRef is not null)
            {
                errors.Invalid(path, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously");
            }
        }
        else if (file.ResourceFieldRef is { } resource)
        {
            DownwardReferences.Resource(resource, path.Child("resourceFieldRef"), errors, inVolume: true);
        }
        else
        {
            errors.Required(path, "one of fieldRef and resourceFieldRef is required");
        }
        PathRules.Mode(file.Mode, path, "mode", errors);
    }

    private static void Claim(string file, string value, FieldPath volume, HashSet<string> paths, FieldErrors errors)
    {
        if (file.Length > 0 && !paths.Add(file))
        {
            errors.Invalid(volume, value, "conflicting duplicate paths");
        }
    }
}
