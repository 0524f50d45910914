using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Kybernet.Controllers.Tests")]
