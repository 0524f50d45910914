namespace Kybernet.ApiServer.OpenApi;

/// <summary>The form in which the API is described: what differs between Swagger 2.0 and OpenAPI 3.0 hangs on it.</summary>
internal enum OpenApiDialect
{
    /// <summary>Swagger 2.0: one document for the whole API.</summary>
    V2,

    /// <summary>OpenAPI 3.0: a document for each group and version.</summary>
    V3,
}
