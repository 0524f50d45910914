namespace Kybernet.ApiServer.Pipeline;

/// <summary>What a request's path and method mean: what authorisation decides on, and routing goes by.</summary>
/// <param name="IsResourceRequest">Whether it is about API objects; otherwise only <paramref name="Path"/> and <paramref name="Verb"/> count.</param>
/// <param name="Verb">get, list, watch, create, update, patch, delete, deletecollection, connect-like verbs are create/get by method; the lower-case HTTP method for other paths.</param>
/// <param name="Path">The whole path.</param>
/// <param name="ApiGroup">Empty for the core group.</param>
/// <param name="ApiVersion">As in <c>v1</c>.</param>
/// <param name="Namespace">Empty where there is none.</param>
/// <param name="Resource">The plural, as in <c>pods</c>.</param>
/// <param name="Subresource">As in <c>status</c>; empty for none.</param>
/// <param name="Name">Empty for collections.</param>
/// <param name="Remainder">What follows the subresource in the path, for proxies; empty for none.</param>
public sealed record RequestInfo(
    bool IsResourceRequest,
    string Verb,
    string Path,
    string ApiGroup = "",
    string ApiVersion = "",
    string Namespace = "",
    string Resource = "",
    string Subresource = "",
    string Name = "",
    string Remainder = "");
