using Kybernet.Api.Validation;

namespace Kybernet.ApiServer.Resources.Extensions;

/// <summary>The Service that a webhook is behind.</summary>
internal sealed record WebhookService(string Namespace, string Name, int? Port, string? Path);

/// <summary>What is wrong with how a webhook is reached, in upstream's words.</summary>
internal static class WebhookClientRules
{
    private const string UrlForm = "; desired format: https://host[/path]";

    /// <summary>Judges where a webhook is.</summary>
    public static void Validate(string? url, WebhookService? service, FieldPath path, FieldErrors errors)
    {
        if (url is null == service is null)
        {
            errors.Required(path, "exactly one of url or service is required");
        }
        else if (url is not null)
        {
            Url(url, path.Child("url"), errors);
        }
        else
        {
            Service(service!, path.Child("service"), errors);
        }
    }

    /// <summary>Judges the versions of reviews that a webhook understands.</summary>
    public static void Versions(IReadOnlyList<string> versions, FieldPath path, FieldErrors errors, string whenEmpty = "must specify one of v1, v1beta1")
    {
        if (versions.Count == 0)
        {
            errors.Required(path, whenEmpty);
            return;
        }
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < versions.Count; i++)
        {
            if (!known.Add(versions[i]))
            {
                errors.Invalid(path.Index(i), versions[i], "duplicate version");
                continue;
            }
            errors.Invalid(path.Index(i), versions[i], NameRules.Label1035(versions[i]));
        }
        // Reviews of v1beta1, are not written here.
        if (!known.Contains("v1"))
        {
            errors.InvalidList(path, versions, "must include at least one of v1");
        }
    }

    private static void Url(string text, FieldPath path, FieldErrors errors)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            errors.Required(path, "url must be a valid URL" + UrlForm);
            return;
        }
        if (url.Scheme != Uri.UriSchemeHttps)
        {
            errors.Invalid(path, url.Scheme, "'https' is the only allowed URL scheme" + UrlForm);
        }
        if (url.Host.Length == 0)
        {
            errors.Invalid(path, url.Host, "host must be specified" + UrlForm);
        }
        if (url.UserInfo.Length > 0)
        {
            errors.Invalid(path, url.UserInfo, "user information is not permitted in the URL");
        }
        if (url.Fragment.Length > 0)
        {
            errors.Invalid(path, url.Fragment, "fragments are not permitted in the URL");
        }
        if (url.Query.Length > 0)
        {
            errors.Invalid(path, url.Query, "query parameters are not permitted in the URL");
        }
    }

    private static void Service(WebhookService service, FieldPath path, FieldErrors errors)
    {
        if (service.Name.Length == 0)
        {
            errors.Required(path.Child("name"), "service name is required");
        }
        if (service.Namespace.Length == 0)
        {
            errors.Required(path.Child("namespace"), "service namespace is required");
        }
        if (service.Port is < 1 or > 65535)
        {
            errors.Invalid(path.Child("port"), (long)service.Port.Value, "port is not valid: must be between 1 and 65535, inclusive");
        }
        if (service.Path is not { } place)
        {
            return;
        }
        if (!place.StartsWith('/'))
        {
            errors.Invalid(path.Child("path"), place, "must start with a '/'");
        }
        else if (place.Contains("//", StringComparison.Ordinal))
        {
            errors.Invalid(path.Child("path"), place, "segment[0] may not be empty");
        }
    }
}
